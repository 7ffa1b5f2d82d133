using System.Buffers.Binary;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Completing a partial checksum in software. The field holds the pseudo-header's sum and the rest is added, whatever the protocol. SCTP
/// alone has a CRC in place of a sum: an offload header can't say that, but the place of the field tells. Inside a tunnel the inner
/// checksum is partial: the outer one was made for what the inner will be (local checksum offload), and is right when the inner is
/// completed.
/// </summary>
internal static unsafe class PartialChecksum
{
    private const int UdpDestination = 2;
    private const int SctpField = 8;

    /// <summary>Adds <paramref name="frame"/> with its partial checksum completed to a batch that it fits in. The frame stays as it is, it
    /// may go elsewhere too.</summary>
    public static void Complete(ref Frame frame, TransmitBatch batch, int offloadHeaderLength)
    {
        int start = frame.Offload.ChecksumStart, field = start + frame.Offload.ChecksumOffset;
        var head = batch.NewHead(frame.HeadLength);
        var bytes = new Span<byte>(head, frame.HeadLength);
        frame.HeadBytes.CopyTo(bytes);
        *(VirtioNetHeader*)(head - Frame.HeadRoom) = new() { BufferCount = 1 };
        batch.Begin(head, frame.HeadLength, offloadHeaderLength);

        // The field already holds the pseudo-header's sum: it is part of what is added.
        var sum = new InternetChecksum();
        sum.Add(bytes[start..]);
        foreach (var piece in frame.BodyPieces)
        {
            sum.Add(piece.Bytes);
            batch.Append(piece);
        }
        BinaryPrimitives.WriteUInt16BigEndian(bytes[field..], Final(sum, IsUdp(frame)));
    }

    /// <summary>Completes the partial checksum of a frame that no receiver would complete.</summary>
    public static void CompleteInPlace(ref Frame frame)
    {
        int start = frame.Offload.ChecksumStart, field = start + frame.Offload.ChecksumOffset;
        BinaryPrimitives.WriteUInt16BigEndian(frame.HeadBytes[field..], Final(SumFrom(frame, start), IsUdp(frame)));
        frame.Offload = new() { BufferCount = 1 };
    }

    /// <summary>
    /// Completes at once what can't be left to a receiver: a CRC, which would be completed as a sum; and the checksum of an answer to a
    /// DHCP client, which reads the answer from a packet socket and doesn't know that a checksum can be partial.
    /// </summary>
    /// <param name="frame">Not a super-frame, its partial checksum within its head.</param>
    public static void CompleteForStrangers(ref Frame frame)
    {
        int start = frame.Offload.ChecksumStart;
        if (frame.Offload.ChecksumOffset == UdpHeader.ChecksumOffset)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(frame.HeadBytes[(start + UdpDestination)..]) 
                is DhcpHeader.ClientPort or DhcpHeader.ClientPortIpv6)
                CompleteInPlace(ref frame);
        }
        else if (frame.Offload.ChecksumOffset == SctpField)
        {
            CompleteSctp(ref frame, start);
        }
    }

    public static ushort Final(InternetChecksum sum, bool isUdp) => isUdp ? InternetChecksum.InUdp(sum.Value) : sum.Value;

    private static void CompleteSctp(ref Frame frame, int start)
    {
        frame.Pull(Burst.HeadCapacity);
        var head = frame.HeadBytes;
        TunnelLayout tunnel = default;
        var isEncapsulated = !TransportLayout.TryRead(head, out var layout) || layout.TransportOffset != start;
        if (isEncapsulated)
        {
            if (!TunnelLayout.TryRead(head, start, out tunnel))
                return;
            layout = tunnel.Inner;
        }
        if (layout.Protocol != IpProtocol.Sctp)
            return;
        var field = head.Slice(start + SctpField, sizeof(uint));
        field.Clear();
        // Padding behind the packet is no part of it.
        frame.Crc(start, LengthOf(head, layout) - (start - layout.NetworkOffset)).Write(field);
        frame.Offload = new() { BufferCount = 1 };

        // An outer checksum that was made for a sum is wrong for a CRC.
        if (isEncapsulated && tunnel.OuterChecksum(head) is var outer and not 0)
        {
            head.Slice(outer, sizeof(ushort)).Clear();
            var sum = SumFrom(frame, tunnel.TransportOffset);
            var isUdp = tunnel.Protocol == IpProtocol.Udp;
            if (isUdp)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(head[(tunnel.TransportOffset + UdpHeader.LengthOffset)..]);
                sum.Add(PseudoHeader.Sum(head, tunnel.NetworkOffset, tunnel.IsIpv6, tunnel.Protocol, length).Sum);
            }
            BinaryPrimitives.WriteUInt16BigEndian(head[outer..], Final(sum, isUdp));
        }
    }

    private static int LengthOf(ReadOnlySpan<byte> head, in TransportLayout layout) => layout.IsIpv6
        ? Ipv6Header.Size + BinaryPrimitives.ReadUInt16BigEndian(head[(layout.NetworkOffset + Ipv6Header.PayloadLengthOffset)..])
        : BinaryPrimitives.ReadUInt16BigEndian(head[(layout.NetworkOffset + Ipv4Header.TotalLengthOffset)..]);

    /// <summary>No other protocol has its checksum there but DCCP and UDP-Lite, to which both zeros are the same.</summary>
    private static bool IsUdp(in Frame frame) => frame.Offload.ChecksumOffset == UdpHeader.ChecksumOffset;

    private static InternetChecksum SumFrom(in Frame frame, int start)
    {
        var sum = new InternetChecksum();
        sum.Add(frame.HeadBytes[start..]);
        foreach (var piece in frame.BodyPieces)
            sum.Add(piece.Bytes);
        return sum;
    }
}
