using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Walks the attributes in a span, each checked against the bytes that are there. Any bytes may be given: a broken attribute ends the
/// walk, a value that is too short reads as zero, nothing throws.
/// </summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Without the flags for nesting and byte order.</summary>
    internal ushort Type { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal readonly byte Byte => Value.Length >= 1 ? Value[0] : (byte)0;

    internal readonly ushort UInt16 => Value.Length >= 2 ? MemoryMarshal.Read<ushort>(Value) : (ushort)0;

    internal readonly uint UInt32 => Value.Length >= 4 ? MemoryMarshal.Read<uint>(Value) : 0;

    /// <summary>As the wire has it; null: the value is none.</summary>
    internal readonly Ipv4Address? Ipv4 => Value.Length == Ipv4Address.Size ? Ipv4Address.Read(Value) : null;

    /// <summary>Up to the first zero.</summary>
    internal readonly string Text
    {
        get
        {
            var end = Value.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
        }
    }

    /// <summary>The attributes inside this one.</summary>
    internal readonly AttributeReader Nested => new(Value);

    internal bool Next()
    {
        Value = default;
        Type = 0;
        if (!MemoryMarshal.TryRead(_rest, out nlattr attribute)
            || attribute.nla_len < Unsafe.SizeOf<nlattr>() || attribute.nla_len > _rest.Length)
            return false;
        Type = (ushort)(attribute.nla_type & NLA_TYPE_MASK);
        Value = _rest[Unsafe.SizeOf<nlattr>()..attribute.nla_len];
        _rest = _rest[Math.Min((attribute.nla_len + 3) & ~3, _rest.Length)..];
        return true;
    }
}
