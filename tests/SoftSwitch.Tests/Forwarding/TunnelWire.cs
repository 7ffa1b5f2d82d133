using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Frames in tunnels as they stand on a wire, read by rules of their own: outer lengths and checksums verified, then what is
/// inside.</summary>
internal static class TunnelWire
{
    /// <summary>Reads finished frames.</summary>
    public static List<Wire> Read(TunnelSpec spec, IEnumerable<byte[]> frames) => [.. frames.Select((frame, i) => Read(spec, frame, i))];

    /// <summary>What the other end does with the datagrams of a UDP super-frame, and with partial checksums.</summary>
    public static IEnumerable<byte[]> Finish(IEnumerable<ReceivedFrame> frames)
    {
        foreach (var (bytes, offload) in frames)
        {
            if (!offload.IsSuperFrame)
            {
                if (offload.NeedsChecksum)
                    Complete(bytes, offload.ChecksumStart, offload.ChecksumOffset, 0);
                yield return bytes;
                continue;
            }
            Need(offload.GsoType == GsoType.UdpSegments && offload.NeedsChecksum, "a super-frame that isn't UDP's");
            int header = offload.ChecksumStart + 8, network = EthernetHeader.PacketOffset(bytes, out var type);
            for (int at = header, index = 0; at < bytes.Length; at += offload.GsoSize, index++)
            {
                byte[] datagram = [.. bytes[..header], .. bytes.AsSpan(at, int.Min(offload.GsoSize, bytes.Length - at))];
                var ip = datagram.AsSpan(network);
                var udp = datagram.AsSpan(offload.ChecksumStart);
                var difference = (ushort)udp.Length - Get16(udp, 4);
                Put16(udp, 4, (ushort)udp.Length);
                if (type == EtherType.Ipv6)
                {
                    Put16(ip, 4, (ushort)(ip.Length - 40));
                }
                else
                {
                    Put16(ip, 2, (ushort)ip.Length);
                    Put16(ip, 4, (ushort)(Get16(ip, 4) + index));
                    Put16(ip, 10, 0);
                    Put16(ip, 10, (ushort)~Wire.Sum(ip[..20]));
                }
                Complete(datagram, offload.ChecksumStart, offload.ChecksumOffset, difference);
                yield return datagram;
            }
        }
    }

    private static Wire Read(TunnelSpec spec, byte[] frame, int index)
    {
        var ip = frame.AsSpan(spec.NetworkOffset);
        Need(Get16(ip, spec.IsIpv6 ? 4 : 2) + (spec.IsIpv6 ? 40 : 0) == ip.Length, "the outer IP length is wrong");
        if (!spec.IsIpv6)
        {
            Need(Wire.Sum(ip[..20]) == 0xFFFF, "the outer IPv4 checksum is wrong");
            Need(Get16(ip, 4) == (ushort)(spec.Identification + index), "the outer identification is wrong");
        }
        var transport = frame.AsSpan(spec.TransportOffset);
        if (spec.IsUdp)
        {
            Need(Get16(transport, 4) == transport.Length, "the outer UDP length is wrong");
            byte[] pseudo = [.. spec.IsIpv6 ? ip.Slice(8, 32) : ip.Slice(12, 8), 0, 17, (byte)(transport.Length >> 8),
                (byte)transport.Length];
            Need(Get16(transport, 6) != 0 || !spec.HasChecksum, "the outer UDP checksum is missing");
            Need(Get16(transport, 6) == 0 || Wire.Sum([.. pseudo, .. transport]) == 0xFFFF, "the outer UDP checksum is wrong");
        }
        else if (spec.Kind != TunnelKind.Ip && spec.HasChecksum)
        {
            Need(Wire.Sum(transport) == 0xFFFF, "the GRE checksum is wrong");
        }
        var whole = spec.Build();
        for (var i = spec.TransportOffset; i < spec.InnerNetworkOffset; i++)
        {
            var isRewritten = i >= spec.TransportOffset + 4 && i < spec.TransportOffset + (spec.IsUdp ? 8 : spec.HasChecksum ? 6 : 4);
            Need(isRewritten || frame[i] == whole[i], "the tunnel's header changed");
        }
        byte[] ethernet = [.. frame[..12], (byte)(spec.Inner.IsIpv6 ? 0x86 : 0x08), (byte)(spec.Inner.IsIpv6 ? 0xDD : 0x00)];
        return Wire.Read([.. ethernet, .. frame[spec.InnerNetworkOffset..]]);
    }

    private static void Complete(byte[] bytes, int start, int offset, int difference)
    {
        var sum = (uint)Wire.Sum(bytes.AsSpan(start)) + (uint)(difference < 0 ? 0xFFFF + difference : difference);
        var folded = (ushort)~(sum > 0xFFFF ? sum - 0xFFFF : sum);
        Put16(bytes, start + offset, folded == 0 ? (ushort)0xFFFF : folded);
    }

    private static ushort Get16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    private static void Put16(Span<byte> bytes, int offset, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], value);

    private static void Need(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }
}
