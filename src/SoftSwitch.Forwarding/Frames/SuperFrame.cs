using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Cutting a super-frame into segments in software, for an output that can't. Only heads are written, and only new ones in the batch's
/// scratch: the frame itself may be on its way to other ports that take it whole. Payload is listed, not copied.
/// <para>
/// Every segment gets the super-frame's headers with its own lengths, IPv4 identification (RFC 791, 3.2) and TCP sequence number
/// (RFC 9293, 3.1); FIN and PSH stay with the last segment, CWR with the first (RFC 3168, 6.1.2). Of a super-frame in a tunnel, the outer
/// headers get the same, and what is between outer and inner goes with every segment as it is. The header by which an IPv6 packet of more
/// than 64 KB says its length is left out (RFC 2675).
/// </para>
/// <para>
/// <b>Checksums.</b> An outer checksum is made without reading the payload: once the inner checksum is right, all from the inner transport
/// header on sums up to the complement of the inner pseudo-header's sum. So it doesn't matter who completes the inner one, and when (local
/// checksum offload).
/// </para>
/// </summary>
internal unsafe ref partial struct SuperFrame
{
    private readonly ref Frame _frame;
    private readonly TransportLayout _layout;
    private readonly TunnelLayout _tunnel;
    private readonly bool _isEncapsulated;
    private readonly bool _dropsJumboHeader;
    private readonly int _gsoSize;
    private readonly int _segmentSize;
    private readonly int _payload;
    private int _done;
    private int _piece;
    private int _pieceOffset;

    /// <param name="frame">A super-frame that <see cref="Admission"/> has let in.</param>
    /// <param name="mostSegments">1: it is cut into segments; more: into super-frames of no more of them and less than 64 KB, for an output
    /// that takes those.</param>
    public SuperFrame(ref Frame frame, int mostSegments)
    {
        _frame = ref frame;
        _isEncapsulated = frame.Offload.IsEncapsulated;
        if (_isEncapsulated)
        {
            TunnelLayout.TryRead(frame.HeadBytes, frame.Offload.ChecksumStart, out _tunnel);
            _layout = _tunnel.Inner;
        }
        else
        {
            TransportLayout.TryRead(frame.HeadBytes, out _layout);
            _dropsJumboHeader = _layout.HasJumboHeader(frame.HeadBytes);
            if (_dropsJumboHeader)
                _layout = _layout.WithoutJumboHeader();
        }
        _gsoSize = frame.Offload.GsoSize;
        _segmentSize = int.Clamp((ushort.MaxValue - (HeaderLength - frame.PacketOffset)) / _gsoSize, 1, mostSegments) * _gsoSize;
        _payload = frame.Length - frame.PayloadOffset;
        _piece = -1;
        _pieceOffset = frame.PayloadOffset;
    }

    public readonly int HeaderLength => _layout.PayloadOffset;

    /// <summary>The most pieces that one segment has besides its head: some of the head's payload, the body's, and padding.</summary>
    public readonly int MaximumPieces => _frame.BodyCount + 2;

    public readonly bool IsDone => _done == _payload;

    /// <summary>Bytes of payload that are cut off already.</summary>
    public readonly int Done => _done;

    /// <summary>Goes on where another has stopped.</summary>
    /// <param name="done">Its <see cref="Done"/>.</param>
    public void Skip(int done)
    {
        for (_done = done; done > 0;)
        {
            var left = (_piece < 0 ? _frame.HeadLength : _frame.Body[_piece].Length) - _pieceOffset;
            if (done < left)
            {
                _pieceOffset += done;
                return;
            }
            done -= left;
            (_piece, _pieceOffset) = (_piece + 1, 0);
        }
    }

    /// <summary>Adds the next segment to a batch that it fits in.</summary>
    /// <param name="completesChecksum">The output completes a partial checksum by itself.</param>
    /// <returns>Segments beyond the first that whoever takes it may have to cut it into.</returns>
    public int Next(TransmitBatch batch, int offloadHeaderLength, bool completesChecksum)
    {
        var length = int.Min(_segmentSize, _payload - _done);
        var head = batch.NewHead(HeaderLength);
        var bytes = new Span<byte>(head, HeaderLength);
        CopyHeaders(bytes);
        WriteNetwork(bytes, _layout.NetworkOffset, _layout.IsIpv6, _layout.TransportOffset, length);
        WriteTransport(bytes, length);

        ref var offload = ref *(VirtioNetHeader*)(head - Frame.HeadRoom);
        // A super-frame again is described as the whole one is, tunnel and all.
        var isSuperFrame = completesChecksum && length > _gsoSize;
        offload = isSuperFrame ? _frame.Offload : new() { BufferCount = 1 };
        batch.Begin(head, HeaderLength, offloadHeaderLength);

        var sum = PseudoHeader.Sum(bytes, _layout, HeaderLength - _layout.TransportOffset + length);
        if (_isEncapsulated)
            WriteOuter(bytes, length, sum.Sum, (offload.Flags & VirtioNetFlags.UdpTunnelChecksum) != 0);
        var field = bytes[(_layout.TransportOffset + _layout.ChecksumOffset)..];
        if (completesChecksum)
        {
            BinaryPrimitives.WriteUInt16BigEndian(field, sum.Sum);
            offload.Flags |= VirtioNetFlags.NeedsChecksum;
            offload.ChecksumStart = _layout.TransportOffset;
            offload.ChecksumOffset = (ushort)_layout.ChecksumOffset;
            offload.HeaderLength = _layout.PayloadOffset;
            AppendPayload(batch, length, ref sum, summed: false);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(field, 0);
            sum.Add(bytes[_layout.TransportOffset..]);
            AppendPayload(batch, length, ref sum, summed: true);
            BinaryPrimitives.WriteUInt16BigEndian(field, PartialChecksum.Final(sum, _layout.Protocol == IpProtocol.Udp));
        }
        batch.Pad();
        _done += length;
        return (length - 1) / _gsoSize;
    }

    private readonly void CopyHeaders(Span<byte> bytes)
    {
        var headers = _frame.HeadBytes;
        if (!_dropsJumboHeader)
        {
            headers[..bytes.Length].CopyTo(bytes);
            return;
        }
        var options = _layout.NetworkOffset + Ipv6Header.Size;
        headers[..options].CopyTo(bytes);
        // Such a header begins with the type of the next.
        bytes[_layout.NetworkOffset + Ipv6Header.NextHeaderOffset] = headers[options];
        headers.Slice(options + TransportLayout.JumboHeader, bytes.Length - options).CopyTo(bytes[options..]);
    }

    private readonly void WriteNetwork(Span<byte> bytes, int network, bool isIpv6, int transport, int length)
    {
        var ip = bytes[network..];
        if (isIpv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[Ipv6Header.PayloadLengthOffset..],
                (ushort)(HeaderLength - network - Ipv6Header.Size + length));
            return;
        }
        BinaryPrimitives.WriteUInt16BigEndian(ip[Ipv4Header.TotalLengthOffset..], (ushort)(HeaderLength - network + length));
        var identification = BinaryPrimitives.ReadUInt16BigEndian(ip[Ipv4Header.IdentificationOffset..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[Ipv4Header.IdentificationOffset..], (ushort)(identification + _done / _gsoSize));
        Ipv4Header.WriteChecksum(ip[..(transport - network)]);
    }

    private readonly void WriteTransport(Span<byte> bytes, int length)
    {
        var transport = bytes[_layout.TransportOffset..];
        if (_layout.Protocol == IpProtocol.Udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.LengthOffset..], (ushort)(UdpHeader.Size + length));
            return;
        }
        var isFirst = _done == 0;
        var isLast = _done + length == _payload;
        var sequence = transport[TcpHeader.SequenceOffset..];
        BinaryPrimitives.WriteUInt32BigEndian(sequence, BinaryPrimitives.ReadUInt32BigEndian(sequence) + (uint)_done);
        if (!isLast)
            transport[TcpHeader.FlagsOffset] &= unchecked((byte)~(TcpFlags.Fin | TcpFlags.Psh));
        if (!isFirst)
            transport[TcpHeader.FlagsOffset] &= unchecked((byte)~TcpFlags.Cwr);
    }

    /// <param name="innerSum">The pseudo-header's of the packet inside.</param>
    /// <param name="isPartial">Whoever cuts the super-frame completes the outer checksum as well.</param>
    private readonly void WriteOuter(Span<byte> bytes, int length, ushort innerSum, bool isPartial)
    {
        var transport = _tunnel.TransportOffset;
        WriteNetwork(bytes, _tunnel.NetworkOffset, _tunnel.IsIpv6, transport, length);
        var outerLength = HeaderLength - transport + length;
        if (_tunnel.Protocol == IpProtocol.Udp)
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(transport + UdpHeader.LengthOffset)..], (ushort)outerLength);
        var field = _tunnel.OuterChecksum(bytes);
        if (field == 0)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[field..], 0);
        var sum = _tunnel.Protocol == IpProtocol.Udp
            ? PseudoHeader.Sum(bytes, _tunnel.NetworkOffset, _tunnel.IsIpv6, IpProtocol.Udp, outerLength)
            : new InternetChecksum();
        if (isPartial)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[field..], sum.Sum);
            return;
        }
        sum.Add(bytes[transport.._layout.TransportOffset]);
        sum.Add((ushort)~innerSum);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[field..], PartialChecksum.Final(sum, _tunnel.Protocol == IpProtocol.Udp));
    }

    private void AppendPayload(TransmitBatch batch, int length, ref InternetChecksum sum, bool summed)
    {
        while (length > 0)
        {
            var piece = _piece < 0 ? new IoVector(_frame.Head, _frame.HeadLength) : _frame.Body[_piece];
            var take = int.Min(length, piece.Length - _pieceOffset);
            if (take > 0)
            {
                var slice = new IoVector(piece.Start + _pieceOffset, take);
                if (summed)
                    sum.Add(slice.Bytes);
                batch.Append(slice);
                _pieceOffset += take;
                length -= take;
            }
            if (_pieceOffset == piece.Length)
            {
                _piece++;
                _pieceOffset = 0;
            }
        }
    }
}
