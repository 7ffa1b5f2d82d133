using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// Finishing in software what an output can't: a super-frame is cut into segments, a partial checksum completed. Only heads are written,
/// and only new ones in the batch's scratch: the frame itself may be on its way to other ports that take it whole. Payload is listed, not copied.
/// <para>
/// Every segment gets the super-frame's headers with its own lengths, IPv4 identification (RFC 791, 3.2) and TCP sequence number
/// (RFC 9293, 3.1); FIN and PSH stay with the last segment, CWR with the first (RFC 3168, 6.1.2).
/// </para>
/// </summary>
internal unsafe ref struct SuperFrame
{
    private readonly ref Frame _frame;
    private readonly TransportLayout _layout;
    private readonly int _segmentSize;
    private readonly int _payload;
    private int _done;
    private int _piece;
    private int _pieceOffset;

    /// <param name="frame">A super-frame that <see cref="Admission"/> has let in.</param>
    public SuperFrame(ref Frame frame)
    {
        _frame = ref frame;
        TransportLayout.TryRead(frame.HeadBytes, out _layout);
        _segmentSize = frame.Offload.GsoSize;
        _payload = frame.Length - frame.PayloadOffset;
        _piece = -1;
        _pieceOffset = frame.PayloadOffset;
    }

    public readonly int HeaderLength => _layout.PayloadOffset;

    /// <summary>The most pieces that one segment has besides its head: some of the head's payload, the body's, and padding.</summary>
    public readonly int MaximumPieces => _frame.BodyCount + 2;

    public readonly bool IsDone => _done == _payload;

    /// <summary>Adds the next segment to a batch that it fits in.</summary>
    /// <param name="completesChecksum">The output completes a partial checksum by itself.</param>
    public void Next(TransmitBatch batch, int offloadHeaderLength, bool completesChecksum)
    {
        var length = int.Min(_segmentSize, _payload - _done);
        var head = batch.NewHead(HeaderLength);
        var bytes = new Span<byte>(head, HeaderLength);
        _frame.HeadBytes[..HeaderLength].CopyTo(bytes);
        WriteHeaders(bytes, length);

        ref var offload = ref *(VirtioNetHeader*)(head - Frame.HeadRoom);
        offload = new() { BufferCount = 1 };
        batch.Begin(head, HeaderLength, offloadHeaderLength);

        var sum = PseudoHeader(bytes, HeaderLength - _layout.TransportOffset + length);
        var field = bytes[(_layout.TransportOffset + _layout.ChecksumOffset)..];
        if (completesChecksum)
        {
            BinaryPrimitives.WriteUInt16BigEndian(field, sum.Sum);
            offload.Flags = VirtioNetFlags.NeedsChecksum;
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
            BinaryPrimitives.WriteUInt16BigEndian(field, Final(sum));
        }
        batch.Pad();
        _done += length;
    }

    /// <summary>Adds <paramref name="frame"/> with its partial checksum completed to a batch that it fits in.</summary>
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
        BinaryPrimitives.WriteUInt16BigEndian(bytes[field..], Final(sum));
    }

    /// <summary>Completes the partial checksum of a frame that goes to nobody who could complete it.</summary>
    public static void CompleteInPlace(ref Frame frame)
    {
        var bytes = frame.HeadBytes;
        int start = frame.Offload.ChecksumStart, field = start + frame.Offload.ChecksumOffset;
        var sum = new InternetChecksum();
        sum.Add(bytes[start..]);
        foreach (var piece in frame.BodyPieces)
            sum.Add(piece.Bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[field..], Final(sum));
        frame.Offload = new() { BufferCount = 1 };
    }

    /// <summary>A computed zero is sent as its other form, which UDP needs (RFC 768) and TCP doesn't mind.</summary>
    private static ushort Final(InternetChecksum sum) => sum.Value == 0 ? (ushort)0xFFFF : sum.Value;

    private readonly void WriteHeaders(Span<byte> bytes, int length)
    {
        var ip = bytes[_layout.NetworkOffset..];
        var isFirst = _done == 0;
        var isLast = _done + length == _payload;
        if (_layout.IsIpv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(HeaderLength - _layout.NetworkOffset - 40 + length));
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(HeaderLength - _layout.NetworkOffset + length));
            var identification = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(identification + _done / _segmentSize));
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Of(ip[..(_layout.TransportOffset - _layout.NetworkOffset)]));
        }

        var transport = bytes[_layout.TransportOffset..];
        if (_layout.Protocol == IpProtocol.Udp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[4..], (ushort)(8 + length));
            return;
        }
        const byte fin = 0x01, psh = 0x08, cwr = 0x80;
        BinaryPrimitives.WriteUInt32BigEndian(transport[4..], BinaryPrimitives.ReadUInt32BigEndian(transport[4..]) + (uint)_done);
        if (!isLast)
            transport[13] &= unchecked((byte)~(fin | psh));
        if (!isFirst)
            transport[13] &= unchecked((byte)~cwr);
    }

    /// <summary>Addresses, protocol and length (RFC 9293, 3.1; RFC 8200, 8.1).</summary>
    private readonly InternetChecksum PseudoHeader(ReadOnlySpan<byte> bytes, int transportLength)
    {
        var ip = bytes[_layout.NetworkOffset..];
        var sum = new InternetChecksum();
        sum.Add(_layout.IsIpv6 ? ip.Slice(8, 32) : ip.Slice(12, 8));
        sum.Add(_layout.Protocol);
        sum.Add((ushort)transportLength);
        return sum;
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
