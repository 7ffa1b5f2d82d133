using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>Hostile frames for the host: none that it gets may be what it must not, as a reader of the test's own sees it.</summary>
public sealed class HostGateFuzzTests
{
    private const uint Own = 0x0A00_0002, Subnet = 0x0A00_0000;

    private static readonly UInt128 s_own = Ipv6Address.Parse("fd00::2").Value;

    [Fact]
    public void Of_a_million_hostile_frames_the_host_hears_only_what_is_for_it()
    {
        var own = Ipv6Address.Parse("fd00::2");
        var gate = new HostGate
        {
            Rules = new([new(Own)], [new(new(Subnet), 24)], [own], [Ipv6Subnet.Containing(own, 64)]),
        };
        using var rig = new Rig(stations: 512);
        var host = rig.Add(station: new(0x0200_0000_00FE), gate: gate, queueLength: 200_000);
        var guests = new[] { rig.Add(), rig.Add(lendsFrom: 60), rig.Add(lendsFrom: 128) };
        var generator = new FrameGenerator(seed: 17);
        var random = new Random(17);
        var heard = 0L;
        for (var i = 0; i < 1_000_000 / 64; i++)
        {
            for (var j = 0; j < 64; j++)
            {
                var frame = generator.Next(out var offload);
                // What the host says is judged as well, and now and then an address is one that matters.
                rig.Send(random.Next(16) == 0 ? host : guests[random.Next(guests.Length)], Aim(frame.ToArray(), random), offload);
            }
            rig.Turn();
            rig.Now += TimeSpan.FromMilliseconds(random.Next(20_000));
            foreach (var frame in rig.Received(host))
            {
                heard++;
                Assert.True(MayHear(frame.Bytes), Convert.ToHexString(frame.Bytes.AsSpan(0, int.Min(frame.Bytes.Length, 128))));
            }
            foreach (var guest in guests)
                rig.Received(guest);
        }
        Assert.True(heard > 10_000, $"the host heard only {heard} frames: the fuzz reaches nothing");
    }

    private static byte[] Aim(byte[] frame, Random random)
    {
        if (frame.Length < 80 || frame[12] != 0x08 || frame[13] != 0 || random.Next(3) != 0)
            return frame;
        ReadOnlySpan<uint> addresses = [Own, Own + 1, 0x7F00_0001, 0xC000_0207, 0, uint.MaxValue, 0xE000_00FB, Subnet | 0xFF];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(26), addresses[random.Next(addresses.Length)]);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(30), addresses[random.Next(addresses.Length)]);
        if (random.Next(3) == 0)
            (frame[23], frame[14 + (frame[14] & 15) * 4]) = (1, (byte)random.Next(16));
        frame.AsSpan(24, 2).Clear();
        var header = int.Max((frame[14] & 15) * 4, 20);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Wire.Sum(frame.AsSpan(14, int.Min(header, frame.Length - 14))));
        return frame;
    }

    private static bool MayHear(byte[] frame)
    {
        var at = 12;
        for (; Get16(frame, at) is 0x8100 or 0x88A8; at += 4)
        {
            if ((Get16(frame, at + 2) & 0xFFF) != 0)
                return false;
        }
        var packet = frame.AsSpan(at + 2);
        return Get16(frame, at) switch
        {
            0x0800 => MayHearIpv4(packet),
            0x86DD => MayHearIpv6(packet),
            0x0806 => BinaryPrimitives.ReadUInt32BigEndian(packet[14..]) >> 8 is Subnet >> 8 or 0
                && BinaryPrimitives.ReadUInt32BigEndian(packet[24..]) >> 8 == Subnet >> 8,
            _ => false,
        };
    }

    private static bool MayHearIpv4(ReadOnlySpan<byte> packet)
    {
        uint from = BinaryPrimitives.ReadUInt32BigEndian(packet[12..]), to = BinaryPrimitives.ReadUInt32BigEndian(packet[16..]);
        var isForAll = to is uint.MaxValue or (Subnet | 0xFF) || to >> 28 == 0xE;
        var isRouters = packet[9] == 1 && (Get16(packet, 6) & 0x1FFF) == 0 && Get16(packet, 2) > (packet[0] & 15) * 4
            && packet[(packet[0] & 15) * 4] is 5 or 9;
        var isLease = packet[9] == 17 && (Get16(packet, 6) & 0x1FFF) == 0 && Get16(packet, 2) >= (packet[0] & 15) * 4 + 8
            && Get16(packet[((packet[0] & 15) * 4)..].ToArray(), 2) == 68;
        return !isRouters && !isLease && (to == Own || isForAll)
            && ((from >> 8 == Subnet >> 8 && from is not (Own or Subnet or (Subnet | 0xFF))) || (from == 0 && isForAll));
    }

    private static bool MayHearIpv6(ReadOnlySpan<byte> packet)
    {
        var to = BinaryPrimitives.ReadUInt128BigEndian(packet[24..]);
        if (to != s_own && to >> 118 != 0x3FA && !(packet[24] == 0xFF && (packet[25] & 15) <= 2))
            return false;
        var (next, at) = (packet[6], 40);
        while (next is 0 or 43 or 44 or 51 or 60)
        {
            if (next == 44 && Get16(packet, at + 2) >> 3 != 0)
                return true;
            var size = next switch { 44 => 8, 51 => (packet[at + 1] + 2) * 4, _ => (packet[at + 1] + 1) * 8 };
            (next, at) = (packet[at], at + size);
        }
        return next != 58 || packet[at] is not (134 or 137);
    }

    private static ushort Get16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);
}
