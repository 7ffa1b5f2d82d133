using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Packets.Dhcp;

public sealed class DhcpMessageTests
{
    private const string Names = "0000000000000000";

    [Fact]
    public void A_discover_is_read_as_RFC_2131_has_it()
    {
        var bytes = Message(
            "35 01 01" + "3d 07 01 525400000001" + "32 04 0a0a0009" + "37 04 01030679" + "39 02 05dc" + "50 00" + "00 00 ff");
        Assert.True(DhcpMessage.TryRead(bytes, out var message));
        Assert.Equal((DhcpMessageType.Discover, DhcpHeader.Request, (byte)0, 0x1234_5678U, true),
            (message.Type, message.Operation, message.Hops, message.Transaction, message.WantsBroadcast));
        Assert.Equal(MacAddress.Parse("52:54:00:00:00:01"), message.HardwareAddress);
        Assert.Equal(("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"), (message.ClientAddress.ToString(), message.YourAddress.ToString(),
            message.NextServer.ToString(), message.Relay.ToString()));
        Assert.True(message.TryGetAddress(DhcpOption.RequestedAddress, out var requested));
        Assert.Equal("10.10.0.9", requested.ToString());
        Assert.True(message.TryGetUInt16(DhcpOption.MaximumMessageSize, out var size));
        Assert.Equal(1500, size);
        Assert.True(message.TryGet(DhcpOption.RapidCommit, [], out var rapid));
        Assert.Equal(0, rapid.Length);
        Assert.False(message.TryGet(DhcpOption.HostName, [], out _));
    }

    [Theory]
    [InlineData("35 01 01 ff", true)]
    [InlineData("35 01 01", true)] // What has no end ends with the message.
    [InlineData("35 01", false)]
    [InlineData("35", false)]
    [InlineData("35 02 01", false)]
    [InlineData("35 01 01 0c ff 41", false)]
    [InlineData("0c 01 41 ff", false)] // BOOTP.
    [InlineData("35 01 00 ff", false)]
    [InlineData("35 01 09 ff", false)]
    [InlineData("35 02 01 01 ff", false)]
    [InlineData("35 01 01 35 01 03 ff", false)] // Two types are none.
    [InlineData("35 01 01 34 01 00 ff", false)]
    [InlineData("35 01 01 34 01 04 ff", false)]
    [InlineData("ff 35 01 01", false)]
    public void What_cannot_be_read_whole_or_has_no_type_is_refused(string options, bool isRead) =>
        Assert.Equal(isRead, DhcpMessage.TryRead(Message(options), out _));

    [Theory]
    [InlineData(DhcpHeader.HardwareTypeOffset, 6)]
    [InlineData(DhcpHeader.HardwareLengthOffset, 16)]
    [InlineData(DhcpHeader.CookieOffset, 0)]
    public void Other_links_and_what_is_no_DHCP_are_refused(int at, byte value)
    {
        var bytes = Message("35 01 01 ff");
        bytes[at] = value;
        Assert.False(DhcpMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void Options_stand_in_the_names_fields_only_when_they_are_said_to()
    {
        var bytes = Message("35 01 01" + "34 01 03" + "0c 02 4142 ff");
        Place(bytes, DhcpHeader.FileOffset, "0c 01 43 ff");
        Place(bytes, DhcpHeader.ServerNameOffset, "0c 01 44 32 04 0a0a0009");
        Assert.True(DhcpMessage.TryRead(bytes, out var message));
        Assert.True(message.TryGet(DhcpOption.HostName, stackalloc byte[4], out var name));
        Assert.Equal("ABCD"u8, name);
        Assert.False(message.TryGet(DhcpOption.HostName, stackalloc byte[3], out _));
        Assert.True(message.TryGetAddress(DhcpOption.RequestedAddress, out _));

        bytes[DhcpHeader.OptionsOffset + 5] = 1;
        Assert.True(DhcpMessage.TryRead(bytes, out message));
        Assert.False(message.TryGetAddress(DhcpOption.RequestedAddress, out _));

        Place(bytes, DhcpHeader.FileOffset, "0c ff 43 ff");
        Assert.False(DhcpMessage.TryRead(bytes, out _));
    }

    [Fact]
    public void What_has_one_address_and_comes_twice_has_none()
    {
        Assert.True(DhcpMessage.TryRead(Message("35 01 03 32 04 0a0a0009 32 04 0a0a000a ff"), out var message));
        Assert.False(message.TryGetAddress(DhcpOption.RequestedAddress, out _));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        var random = new Random(19);
        var room = new byte[64];
        var read = 0;
        for (var i = 0; i < 300_000; i++)
        {
            var bytes = Message(random.Next(2) == 0
                ? "35 01 01 34 01 03 0c 02 4142 37 03 010306 ff"
                : "35 01 03 32 04 0a0a0009 52 04 01020000 ff");
            for (var changes = random.Next(6); changes > 0; changes--)
                bytes[random.Next(random.Next(4) == 0 ? 0 : DhcpHeader.OptionsOffset, bytes.Length)] = (byte)random.Next(256);
            if (!DhcpMessage.TryRead(bytes.AsSpan(0, random.Next(8) == 0 ? random.Next(bytes.Length) : bytes.Length), out var message))
                continue;
            read++;
            for (var code = 1; code < 255; code++)
                message.TryGet((byte)code, room, out _);
            _ = (message.Type, message.HardwareAddress, message.Relay);
        }
        Assert.InRange(read, 60_000, 297_000);
    }

    private static byte[] Message(string options)
    {
        var header = "01 01 06 00 12345678 0003 8000 0a000001 0a000002 0a000003 0a000004 525400000001 00000000000000000000";
        return Convert.FromHexString((header + string.Concat(Enumerable.Repeat(Names, 24)) + "63825363" + options).Replace(" ", "",
            StringComparison.Ordinal));
    }

    private static void Place(byte[] bytes, int at, string options) =>
        Convert.FromHexString(options.Replace(" ", "", StringComparison.Ordinal)).CopyTo(bytes, at);
}
