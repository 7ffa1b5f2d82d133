using System.Buffers.Binary;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Frames;

/// <summary>
/// A routed IPv4 packet that is longer than its output's MTU and whose sender allows it, cut into fragments (RFC 791, 3.2): each has the
/// packet's header with its own length, offset and checksum, and a multiple of eight octets but for the last. New heads stand in the
/// batch's scratch, payload is listed, not copied. The header's options, where there are some, go with every fragment. Super-frames are not
/// fragmented: their segments have the size that their sender chose.
/// </summary>
internal unsafe ref struct Fragmentation
{
    private const int MoreFragments = 0x2000;
    private const int OffsetMask = 0x1FFF;

    private readonly ref Frame _frame;
    private readonly int _headersEnd;
    private readonly int _payload;
    private readonly int _unit;
    private readonly int _field;
    private int _done;

    /// <param name="frame">A whole IPv4 packet or a fragment of one, its headers admitted, without a super-frame's offload.</param>
    /// <param name="mtu">Of the output, at least 68 (RFC 791).</param>
    public Fragmentation(ref Frame frame, int mtu)
    {
        _frame = ref frame;
        var ip = frame.HeadBytes[frame.PacketOffset..];
        var headerLength = (ip[0] & 15) * 4;
        _headersEnd = frame.PacketOffset + headerLength;
        // Padding behind the packet is no part of it.
        _payload = int.Min(BinaryPrimitives.ReadUInt16BigEndian(ip[2..]), frame.Length - frame.PacketOffset) - headerLength;
        _field = BinaryPrimitives.ReadUInt16BigEndian(ip[6..]);
        _unit = (mtu - headerLength) & ~7;
        if (frame.Offload.NeedsChecksum)
            PartialChecksum.CompleteInPlace(ref frame);
    }

    public readonly int HeaderLength => _headersEnd;

    /// <summary>The most pieces that one fragment has besides its head: the rest of the head, the body's, and padding.</summary>
    public readonly int MaximumPieces => _frame.BodyCount + 2;

    public readonly bool IsDone => _done == _payload;

    /// <summary>Adds the next fragment to a batch that it fits in.</summary>
    public void Next(TransmitBatch batch, int offloadHeaderLength)
    {
        var length = int.Min(_unit, _payload - _done);
        var head = batch.NewHead(_headersEnd);
        var bytes = new Span<byte>(head, _headersEnd);
        _frame.HeadBytes[.._headersEnd].CopyTo(bytes);

        var ip = bytes[_frame.PacketOffset..];
        var more = _done + length < _payload ? MoreFragments : _field & MoreFragments;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(ip.Length + length));
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], (ushort)(more | (_field & OffsetMask) + _done / 8));
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Of(ip));

        *(VirtioNetHeader*)(head - Frame.HeadRoom) = new() { BufferCount = 1 };
        batch.Begin(head, _headersEnd, offloadHeaderLength);
        AppendPayload(batch, _headersEnd + _done, length);
        batch.Pad();
        _done += length;
    }

    /// <summary>Lists bytes of the frame: the pieces are few, so each fragment finds its own from the start.</summary>
    private readonly void AppendPayload(TransmitBatch batch, int offset, int length)
    {
        for (var piece = -1; length > 0; piece++)
        {
            var bytes = piece < 0 ? new IoVector(_frame.Head, _frame.HeadLength) : _frame.Body[piece];
            var take = int.Min(length, bytes.Length - offset);
            if (take > 0)
            {
                batch.Append(new(bytes.Start + offset, take));
                length -= take;
            }
            offset = int.Max(0, offset - bytes.Length);
        }
    }
}
