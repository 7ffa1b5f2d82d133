using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static SoftSwitch.Linux.Interop.Netlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Writes one netlink request into a buffer of the caller: header, fixed part, attributes, nested attributes (RFC 3549; linux/netlink.h).
/// Lengths are filled in when a nest or the message ends. A buffer that is too small is a mistake of ours and throws.
/// </summary>
internal ref struct MessageBuilder
{
    private const int Alignment = 4;
    private readonly Span<byte> _buffer;
    private int _length;

    internal MessageBuilder(Span<byte> buffer, ushort type, ushort flags)
    {
        _buffer = buffer;
        Append(new nlmsghdr { nlmsg_type = type, nlmsg_flags = (ushort)(NLM_F_REQUEST | flags) });
    }

    /// <summary>Attributes alone, for a message that is written later.</summary>
    internal MessageBuilder(Span<byte> buffer) => _buffer = buffer;

    /// <summary>What was written so far, without a length in its header.</summary>
    internal readonly ReadOnlySpan<byte> Attributes => _buffer[.._length];

    /// <summary>The finished message, its length written into its header.</summary>
    internal readonly Span<byte> Message
    {
        get
        {
            MemoryMarshal.Write(_buffer, (uint)_length);
            return _buffer[.._length];
        }
    }

    /// <summary>Appends a fixed structure, padded to four bytes.</summary>
    internal void Append<T>(in T value) where T : unmanaged
    {
        var room = Take(Unsafe.SizeOf<T>());
        MemoryMarshal.Write(room, in value);
    }

    internal void Put(ushort type, scoped ReadOnlySpan<byte> value)
    {
        var length = Unsafe.SizeOf<nlattr>() + value.Length;
        var room = Take(length);
        MemoryMarshal.Write(room, new nlattr { nla_len = checked((ushort)length), nla_type = type });
        value.CopyTo(room[Unsafe.SizeOf<nlattr>()..]);
    }

    internal void Put(ushort type, byte value) => Put(type, new ReadOnlySpan<byte>(in value));

    internal void Put(ushort type, ushort value) => Put(type, MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in value)));

    internal void Put(ushort type, uint value) => Put(type, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in value)));

    /// <summary>An address as the wire has it.</summary>
    internal void PutBigEndian(ushort type, uint value) => Put(type, BinaryPrimitives.ReverseEndianness(value));

    /// <summary>Text with the zero at its end that the kernel wants.</summary>
    internal void Put(ushort type, string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        Span<byte> bytes = count < 128 ? stackalloc byte[count + 1] : new byte[count + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        bytes[count] = 0;
        Put(type, bytes);
    }

    /// <summary>Opens a nested attribute; hand what this returns to <see cref="EndNest"/>.</summary>
    internal int BeginNest(ushort type)
    {
        var start = _length;
        Append(new nlattr { nla_type = (ushort)(type | NLA_F_NESTED) });
        return start;
    }

    internal readonly void EndNest(int start) => MemoryMarshal.Write(_buffer[start..], checked((ushort)(_length - start)));

    private Span<byte> Take(int length)
    {
        var padded = (length + Alignment - 1) & -Alignment;
        if (padded > _buffer.Length - _length)
            throw new InvalidOperationException("the netlink request is larger than its buffer");
        var room = _buffer.Slice(_length, padded);
        room.Clear();
        _length += padded;
        return room;
    }
}
