using System.Buffers.Binary;
using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding.Fuzzing;

/// <summary>Whatever a guarded guest makes of its words, a neighbor hears it as itself, and no server. What comes out is read by rules of
/// its own, as a kernel would: behind tags without a VLAN and behind SNAP.</summary>
public sealed class GuardFuzzTests
{
    private const int Count = 250_000;

    [Theory, InlineData(1), InlineData(2)]
    public void Nobody_hears_another(int seed)
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All);
        rig.Add();
        rig.Bridge().Guards = new Dictionary<string, GuestGuard>
        {
            [rig.Port(0).Name] = new(new(Mac(1)), true, [Ipv4Address.Parse(GuardedFrames.Own)], null),
        }.ToFrozenDictionary();
        (byte[] Frame, VirtioNetHeader Offload)[] corpus = [.. GuardedFrames.Tricks.Values, .. GuardedFrames.Honest.Values];
        var random = new Random(seed);
        var passed = 0;
        for (var i = 0; i < Count; i++)
        {
            var (frame, offload) = corpus[random.Next(corpus.Length)];
            frame = Changed(frame, random);
            if (random.Next(4) == 0)
                offload = new()
                {
                    Flags = VirtioNetFlags.NeedsChecksum,
                    ChecksumStart = (ushort)random.Next(12, 90),
                    ChecksumOffset = (ushort)random.Next(20),
                };
            rig.Carry(0, frame, offload);
            rig.Now += TimeSpan.FromMilliseconds(1);
            foreach (var heard in rig.Received(1))
            {
                passed++;
                Assert.True(WhyNot(heard.Bytes) is null, $"{WhyNot(heard.Bytes)}: {Convert.ToHexString(frame)} {offload}");
            }
        }
        Assert.True(passed > Count / 10, $"only {passed} went on");
    }

    private static byte[] Changed(byte[] frame, Random random)
    {
        var changed = frame.ToArray();
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var at = random.Next(6, int.Min(changed.Length, 100));
            changed[at] = random.Next(3) switch
            {
                0 => (byte)(changed[at] ^ 1 << random.Next(8)),
                1 => (byte)random.Next(256),
                _ => changed[random.Next(changed.Length)],
            };
        }
        if (changed.Length > 34 && (changed[12], changed[13], random.Next(2)) == (8, 0, 0))
            Seal(changed);
        return random.Next(8) == 0 ? changed[..random.Next(14, changed.Length)] : changed;
    }

    /// <summary>Makes the header's checksum right again, as a guest would.</summary>
    private static void Seal(byte[] frame)
    {
        var header = frame.AsSpan(14, int.Min((frame[14] & 15) * 4, frame.Length - 14));
        if (header.Length < 20)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~Wire.Sum(header));
    }

    /// <returns>Null: it is its sender's own.</returns>
    private static string? WhyNot(ReadOnlySpan<byte> frame)
    {
        if (MacAddress.Read(frame[6..]).Value != Mac(1))
            return "another station";
        var at = 12;
        while (at + 4 <= frame.Length && Word(frame, at) is 0x8100 or 0x88A8)
        {
            if ((Word(frame, at + 2) & 0xFFF) != 0)
                return "a VLAN";
            at += 4;
        }
        var type = Word(frame, at);
        at += 2;
        if (type < 1536 && frame.Length >= at + 8 && Word(frame, at) == 0xAAAA)
            (type, at) = (Word(frame, at + 6), at + 8);
        var packet = frame[at..];
        return type switch
        {
            0x0806 => packet.Length < 28 ? null
                : MacAddress.Read(packet[8..]).Value != Mac(1) ? "ARP of another station"
                : Ipv4Address.Read(packet[14..]).ToString() is not ("0.0.0.0" or GuardedFrames.Own) ? "ARP of another address" : null,
            0x0800 => WhyNotIpv4(packet),
            0x86DD => WhyNotIpv6(packet),
            0x8035 => null,
            _ => $"type {type:x4}",
        };
    }

    private static string? WhyNotIpv4(ReadOnlySpan<byte> packet)
    {
        // What a kernel drops by its header is no trick.
        var header = (packet[0] & 15) * 4;
        if (packet[0] >> 4 != 4 || header < 20 || Wire.Sum(packet[..header]) != 0xFFFF)
            return null;
        var from = Ipv4Address.Read(packet[12..]).ToString();
        var (protocol, isFirst) = (packet[9], (Word(packet, 6) & 0x1FFF) == 0);
        var to = isFirst && protocol == IpProtocol.Udp ? Word(packet, header + 2) : 0;
        if (to == 68 || (to == 67 && (packet[header + 8] != 1 || MacAddress.Read(packet[(header + 36)..]).Value != Mac(1))))
            return "DHCP of another";
        return isFirst && protocol == IpProtocol.Icmp && packet[header] is 5 or 9 ? "a router"
            : from == GuardedFrames.Own || (from == "0.0.0.0" && to == 67) ? null : $"from {from}";
    }

    private static string? WhyNotIpv6(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 40 || packet[0] >> 4 != 6)
            return null;
        var from = Ipv6Address.Read(packet[8..]);
        if (!from.IsUnspecified && !from.IsLinkLocal)
            return $"from {from}";
        var (next, at) = (packet[6], 40);
        while (next is IpProtocol.HopByHopOptions or IpProtocol.DestinationOptions or IpProtocol.Routing && at + 8 <= packet.Length)
            (next, at) = (packet[at], at + (packet[at + 1] + 1) * 8);
        if (next == IpProtocol.Fragment && at + 8 <= packet.Length && Word(packet, at + 2) >> 3 == 0)
            (next, at) = (packet[at], at + 8);
        if (at + 4 > packet.Length)
            return null;
        if (next == IpProtocol.Udp && Word(packet, at + 2) == 546)
            return "an answer of DHCP";
        if (next != IpProtocol.IcmpV6)
            return null;
        if (packet[at] is 134 or 137)
            return "a router";
        var options = packet[at] switch { 133 => at + 8, 135 or 136 => at + 24, _ => packet.Length };
        if (options + 8 <= packet.Length && packet[options] is 1 or 2 && MacAddress.Read(packet[(options + 2)..]).Value != Mac(1))
            return "another's MAC address";
        return packet[at] == 136 && packet.Length >= at + 24 && !Ipv6Address.Read(packet[(at + 8)..]).IsLinkLocal
            ? "another's address" : null;
    }

    private static int Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
