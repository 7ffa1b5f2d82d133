using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Packets.Dhcp;

public sealed class DhcpWriterTests
{
    private static readonly byte[] s_relay = [1, 2, 0xAA, 0xBB];

    [Fact]
    public void A_message_is_as_long_as_relays_want_it_and_ends()
    {
        var bytes = new byte[548];
        var writer = new DhcpWriter(bytes, DhcpHeader.Reply, mayOverload: true, s_relay);
        Assert.True(writer.TryAdd(DhcpOption.MessageType, (byte)DhcpMessageType.Ack));
        Assert.True(writer.TryAdd(DhcpOption.LeaseTime, 3600U));
        Assert.True(writer.TryAdd(DhcpOption.InterfaceMtu, (ushort)1400));
        Assert.True(writer.TryAdd(DhcpOption.Router, Ipv4Address.Parse("10.10.0.1")));
        Assert.Equal(300, writer.Finish());
        Assert.Equal("638253633501053304" + "00000e10" + "1a020578" + "03040a0a0001" + "52040102aabb" + "ff00",
            Convert.ToHexStringLower(bytes.AsSpan(236, 31)));
        Assert.Equal([2, 1, 6, 0], bytes[..4]);
    }

    [Fact]
    public void Whatever_is_written_is_read_again_or_was_said_to_have_no_room()
    {
        var random = new Random(77);
        var (overloads, refusals, pieces) = (0, 0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(DhcpHeader.MinimumSize, 700)];
            var isRelayed = random.Next(2) == 0;
            var writer = new DhcpWriter(bytes, DhcpHeader.Reply, mayOverload: random.Next(3) > 0, isRelayed ? s_relay : []);
            Assert.True(writer.TryAdd(DhcpOption.MessageType, (byte)DhcpMessageType.Offer));
            var written = new Dictionary<byte, byte[]>();
            for (byte code = 100; code < 100 + random.Next(1, 12); code++)
            {
                var value = new byte[random.Next(10) == 0 ? random.Next(600) : random.Next(60)];
                random.NextBytes(value);
                if (writer.TryAdd(code, value))
                    written.Add(code, value);
                else
                    refusals++;
            }
            var length = writer.Finish();
            Assert.InRange(length, DhcpHeader.MinimumSize, bytes.Length);
            Assert.True(DhcpMessage.TryRead(bytes.AsSpan(0, length), out var message));
            var room = new byte[700];
            foreach (var (code, value) in written)
            {
                Assert.True(message.TryGet(code, room, out var read));
                Assert.Equal(value, read.ToArray());
                pieces += value.Length > 255 ? 1 : 0;
            }
            for (byte code = 100; code < 112; code++)
                Assert.Equal(written.ContainsKey(code), message.TryGet(code, room, out _));
            overloads += message.TryGetByte(DhcpOption.Overload, out _) ? 1 : 0;
            Assert.Equal(isRelayed, message.TryGet(DhcpOption.RelayAgentInformation, room, out var relay));
            Assert.Equal(isRelayed ? s_relay : [], relay.ToArray());
        }
        Assert.True(overloads > 1000 && refusals > 1000 && pieces > 100, $"{overloads} {refusals} {pieces}");
    }
}
