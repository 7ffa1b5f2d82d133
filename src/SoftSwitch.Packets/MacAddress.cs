using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SoftSwitch.Packets;

/// <summary>A 48-bit IEEE 802 MAC address (IEEE 802, clause 8.2), kept in the low 48 bits of a word with the first octet on the wire
/// highest.</summary>
public readonly struct MacAddress : IEquatable<MacAddress>, ISpanParsable<MacAddress>
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 6;

    private readonly ulong _value;

    /// <param name="value">The address in the low 48 bits; the rest must be zero.</param>
    public MacAddress(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 0xFFFF_FFFF_FFFFUL);
        _value = value;
    }

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFFUL);

    /// <summary>The low 48 bits, first octet highest.</summary>
    public ulong Value => _value;

    /// <summary>The group bit (I/G): the address names many stations; broadcast is one of these.</summary>
    public bool IsMulticast => (_value & 0x0100_0000_0000UL) != 0;

    public bool IsBroadcast => _value == 0xFFFF_FFFF_FFFFUL;

    public bool IsZero => _value == 0;

    /// <summary>Given out by an administrator or a program, not burnt in by a maker (U/L bit).</summary>
    public bool IsLocallyAdministered => (_value & 0x0200_0000_0000UL) != 0;

    /// <summary>Reads the first six octets of <paramref name="bytes"/>.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes)
    {
        _ = bytes[5];
        return new((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));
    }

    /// <summary>Writes six octets to the start of <paramref name="destination"/>.</summary>
    public void Write(Span<byte> destination)
    {
        _ = destination[5];
        for (var i = 0; i < Size; i++)
            destination[i] = (byte)(_value >> (40 - 8 * i));
    }

    public static MacAddress Parse(ReadOnlySpan<char> text, IFormatProvider? provider = null) =>
        TryParse(text, provider, out var result) ? result : throw new FormatException("not a MAC address such as 52:54:00:12:34:56");

    public static MacAddress Parse(string text, IFormatProvider? provider = null) => Parse(text.AsSpan(), provider);

    /// <summary>Accepts six pairs of hexadecimal digits between colons, or between hyphens.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, IFormatProvider? provider, out MacAddress result)
    {
        result = default;
        if (text.Length != 17 || text[2] is not (':' or '-'))
            return false;
        ulong value = 0;
        for (var i = 0; i < 17; i++)
        {
            if (i % 3 == 2)
            {
                if (text[i] != text[2])
                    return false;
                continue;
            }
            if (!char.IsAsciiHexDigit(text[i]))
                return false;
            value = (value << 4) | (uint)Convert.ToInt32(text[i].ToString(), 16);
        }
        result = new(value);
        return true;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out MacAddress result) =>
        TryParse(text.AsSpan(), provider, out result);

    public static bool TryParse([NotNullWhen(true)] string? text, out MacAddress result) => TryParse(text.AsSpan(), null, out result);

    public bool Equals(MacAddress other) => _value == other._value;

    public override bool Equals(object? obj) => obj is MacAddress other && Equals(other);

    public override int GetHashCode() => _value.GetHashCode();

    public static bool operator ==(MacAddress left, MacAddress right) => left._value == right._value;

    public static bool operator !=(MacAddress left, MacAddress right) => left._value != right._value;

    [SkipLocalsInit]
    public override string ToString() => string.Create(17, _value, static (text, value) =>
    {
        const string digits = "0123456789abcdef";
        for (var i = 0; i < Size; i++)
        {
            var octet = (byte)(value >> (40 - 8 * i));
            text[3 * i] = digits[octet >> 4];
            text[3 * i + 1] = digits[octet & 15];
            if (i < Size - 1)
                text[3 * i + 2] = ':';
        }
    });
}
