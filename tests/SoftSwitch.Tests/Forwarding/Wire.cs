using System.Buffers.Binary;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>A TCP or UDP packet as it stands in a frame on a wire, read by rules of its own: nothing here is shared with the
/// switch.</summary>
internal sealed record Wire(bool IsIpv6, byte Protocol, int NetworkOffset, int TransportOffset, byte[] Payload, ushort Identification,
    uint Sequence, byte Flags)
{
    /// <summary>The ones' complement sum, word by word.</summary>
    public static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        long sum = 0;
        var i = 0;
        for (; i + 1 < bytes.Length; i += 2)
            sum += (bytes[i] << 8) | bytes[i + 1];
        if (i < bytes.Length)
            sum += bytes[i] << 8;
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>Reads a frame, all its lengths and checksums verified.</summary>
    /// <exception cref="InvalidDataException">Something in it is wrong.</exception>
    public static Wire Read(ReadOnlySpan<byte> frame)
    {
        var network = 14;
        while (Get16(frame, network - 2) is 0x8100 or 0x88A8)
            network += 4;
        var isIpv6 = Get16(frame, network - 2) == 0x86DD;
        var ip = frame[network..];
        var length = isIpv6 ? 40 + Get16(ip, 4) : Get16(ip, 2);
        // Behind the packet may only stand padding, and only in the shortest of frames.
        Need(length == ip.Length || (length < ip.Length && frame.Length == 60),
            $"the IP length is {length} and the frame holds {ip.Length}");
        ip = ip[..length];

        byte protocol;
        int transport;
        if (isIpv6)
        {
            protocol = ip[6];
            transport = 40;
            while (protocol is 0 or 43 or 60)
            {
                protocol = ip[transport];
                transport += (ip[transport + 1] + 1) * 8;
            }
        }
        else
        {
            protocol = ip[9];
            transport = (ip[0] & 15) * 4;
            Need(Sum(ip[..transport]) == 0xFFFF, "the IPv4 header's checksum is wrong");
        }
        var segment = ip[transport..];
        byte[] pseudo =
        [
            .. isIpv6 ? ip.Slice(8, 32) : ip.Slice(12, 8), 0, protocol, 0, (byte)(segment.Length >> 16), (byte)(segment.Length >> 8),
            (byte)segment.Length,
        ];
        var sum = (uint)Sum(pseudo) + Sum(segment);
        Need((sum > 0xFFFF ? sum - 0xFFFF : sum) == 0xFFFF, "the transport checksum is wrong");

        var id = isIpv6 ? (ushort)0 : Get16(ip, 4);
        if (protocol == 6)
        {
            return new(isIpv6, protocol, network, network + transport, segment[((segment[12] >> 4) * 4)..].ToArray(), id,
                BinaryPrimitives.ReadUInt32BigEndian(segment[4..]), segment[13]);
        }
        Need(protocol == 17, $"the protocol is {protocol}");
        Need(Get16(segment, 4) == segment.Length, "the UDP length is wrong");
        Need(Get16(segment, 6) != 0, "the UDP checksum is missing");
        return new(isIpv6, protocol, network, network + transport, segment[8..].ToArray(), id, 0, 0);
    }

    private static ushort Get16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    private static void Need(bool condition, string otherwise)
    {
        if (!condition)
            throw new InvalidDataException(otherwise);
    }
}
