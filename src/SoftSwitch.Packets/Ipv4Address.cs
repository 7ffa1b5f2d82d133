using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SoftSwitch.Packets;

/// <summary>An IPv4 address (RFC 791) as a number, so that ranges and subnets are arithmetic.</summary>
public readonly struct Ipv4Address(uint value) : IEquatable<Ipv4Address>, IComparable<Ipv4Address>, ISpanParsable<Ipv4Address>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 4;

    /// <summary>The address with its first octet highest.</summary>
    public uint Value => value;

    /// <summary>Everybody on the link (RFC 919).</summary>
    public static Ipv4Address Broadcast => new(uint.MaxValue);

    /// <summary>Each machine itself (RFC 1122, 3.2.1.3).</summary>
    public static Ipv4Address Loopback => new(0x7F00_0001);

    /// <summary>It names one station somewhere: not this host (0/8), loopback (127/8), multicast, reserved or broadcast (224/3; RFC
    /// 6890).</summary>
    public bool IsUnicast => value >> 24 is > 0 and < 224 and not 127;

    /// <summary>127/8, which is never on a link (RFC 1122, 3.2.1.3).</summary>
    public bool IsLoopback => value >> 24 == 127;

    /// <summary>A group (RFC 1112): 224/4.</summary>
    public bool IsMulticast => value >> 28 == 0xE;

    /// <summary>Good on one link only: 169.254/16 (RFC 3927).</summary>
    public bool IsLinkLocal => value >> 16 == 0xA9FE;

    public static Ipv4Address Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt32BigEndian(destination, value);

    public static Ipv4Address Parse(ReadOnlySpan<char> text, IFormatProvider? provider = null) =>
        TryParse(text, provider, out var result) ? result : throw new FormatException("not an IPv4 address such as 10.10.0.1");

    public static Ipv4Address Parse(string text, IFormatProvider? provider = null) => Parse(text.AsSpan(), provider);

    /// <summary>Accepts four decimal numbers 0 to 255 without leading zeros, which some readers take for octal (RFC 6943, 3.1.1).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, IFormatProvider? provider, out Ipv4Address result)
    {
        result = default;
        uint address = 0;
        for (var i = 0; i < 4; i++)
        {
            var dot = text.IndexOf('.');
            if (dot < 0 != (i == 3))
                return false;
            var part = i == 3 ? text : text[..dot];
            if (part.Length is 0 or > 3 || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
                return false;
            address = (address << 8) | octet;
            if (i < 3)
                text = text[(dot + 1)..];
        }
        result = new(address);
        return true;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out Ipv4Address result) =>
        TryParse(text.AsSpan(), provider, out result);

    public static bool TryParse([NotNullWhen(true)] string? text, out Ipv4Address result) => TryParse(text.AsSpan(), null, out result);

    public bool Equals(Ipv4Address other) => value == other.Value;

    public override bool Equals(object? obj) => obj is Ipv4Address other && Equals(other);

    public override int GetHashCode() => value.GetHashCode();

    public int CompareTo(Ipv4Address other) => value.CompareTo(other.Value);

    public static bool operator ==(Ipv4Address left, Ipv4Address right) => left.Value == right.Value;

    public static bool operator !=(Ipv4Address left, Ipv4Address right) => left.Value != right.Value;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{value >> 24}.{(value >> 16) & 255}.{(value >> 8) & 255}.{value & 255}");
}
