using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>A super-frame in a UDP tunnel, as few UDP super-frames.</summary>
internal unsafe ref partial struct SuperFrame
{
    /// <summary>Segments in a UDP super-frame: what <see cref="NextDatagrams"/> adds next. UDP_MAX_SEGMENTS was 64 at first
    /// (linux/udp.h).</summary>
    public readonly int Datagrams
    {
        get
        {
            var left = (_payload - _done + _segmentSize - 1) / _segmentSize;
            var most = (ushort.MaxValue - (OuterHeaderLength - _tunnel.NetworkOffset)) / (HeaderLength - OuterHeaderLength + _segmentSize);
            return int.Min(int.Min(left, most), 64);
        }
    }

    /// <summary>
    /// The most pieces that those datagrams have besides the first one's head: a head each, and the payload's pieces, of which the end of
    /// each segment may cut one in two.
    /// </summary>
    public readonly int MaximumDatagramPieces => 2 * Datagrams + _frame.BodyCount;

    private readonly int OuterHeaderLength => _tunnel.TransportOffset + UdpHeader.Size;

    /// <summary>
    /// Adds the next <see cref="Datagrams"/> segments of a super-frame in a UDP tunnel to a batch that they fit in, as one UDP super-frame:
    /// for an output that can't cut the super-frame that is inside the tunnel, but can cut the tunnel's datagrams. Each of those is a whole
    /// segment behind the tunnel's header, its checksums complete. The outer checksum is made where the datagrams are cut: each has one
    /// then, also where the sender made none.
    /// </summary>
    public void NextDatagrams(TransmitBatch batch, int offloadHeaderLength)
    {
        var count = Datagrams;
        var inner = HeaderLength - OuterHeaderLength;
        var behind = int.Min(count * _segmentSize, _payload - _done) + (count - 1) * inner;
        for (var i = 0; i < count; i++)
        {
            var length = int.Min(_segmentSize, _payload - _done);
            var head = batch.NewHead(HeaderLength);
            var bytes = new Span<byte>(head, HeaderLength);
            CopyHeaders(bytes);
            WriteNetwork(bytes, _layout.NetworkOffset, _layout.IsIpv6, _layout.TransportOffset, length);
            WriteTransport(bytes, length);
            var sum = PseudoHeader.Sum(bytes, _layout, HeaderLength - _layout.TransportOffset + length);
            var field = bytes[(_layout.TransportOffset + _layout.ChecksumOffset)..];
            BinaryPrimitives.WriteUInt16BigEndian(field, 0);
            sum.Add(bytes[_layout.TransportOffset..]);
            if (i == 0)
            {
                WriteOuterDatagrams(head, behind);
                batch.Begin(head, HeaderLength, offloadHeaderLength);
            }
            else
            {
                batch.Append(new(head + OuterHeaderLength, inner));
            }
            AppendPayload(batch, length, ref sum, summed: true);
            BinaryPrimitives.WriteUInt16BigEndian(field, PartialChecksum.Final(sum, _layout.Protocol == IpProtocol.Udp));
            _done += length;
        }
    }

    private readonly void WriteOuterDatagrams(byte* head, int behind)
    {
        var bytes = new Span<byte>(head, HeaderLength);
        WriteNetwork(bytes, _tunnel.NetworkOffset, _tunnel.IsIpv6, _tunnel.TransportOffset, behind);
        var udp = bytes[_tunnel.TransportOffset..];
        var length = udp.Length + behind;
        BinaryPrimitives.WriteUInt16BigEndian(udp[UdpHeader.LengthOffset..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(
            udp[UdpHeader.ChecksumOffset..], PseudoHeader.Sum(bytes, _tunnel.NetworkOffset, _tunnel.IsIpv6, IpProtocol.Udp, length).Sum);
        *(VirtioNetHeader*)(head - Frame.HeadRoom) = new()
        {
            BufferCount = 1,
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = GsoType.UdpSegments,
            GsoSize = (ushort)(HeaderLength - OuterHeaderLength + _segmentSize),
            HeaderLength = (ushort)OuterHeaderLength,
            ChecksumStart = _tunnel.TransportOffset,
            ChecksumOffset = UdpHeader.ChecksumOffset,
        };
    }
}
