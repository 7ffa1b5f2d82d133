using System.Buffers.Binary;
using System.Net;

namespace SoftSwitch.Packets;

/// <summary>An IPv6 address (RFC 4291) as a number, so that prefixes are arithmetic.</summary>
/// <param name="Value">The address with its first octet highest.</param>
public readonly record struct Ipv6Address(UInt128 Value)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 16;

    /// <summary>fe80::/64, where the addresses are that stations give themselves (RFC 4291, 2.5.6).</summary>
    public static Ipv6Address LinkLocal => new(new UInt128(0xFE80UL << 48, 0));

    /// <summary>Nobody's: the source of who has no address yet.</summary>
    public bool IsUnspecified => Value == 0;

    /// <summary>::1, which is never on a link.</summary>
    public bool IsLoopback => Value == 1;

    public bool IsMulticast => Value >> 120 == 0xFF;

    /// <summary>One station's, good on one link only: fe80::/10.</summary>
    public bool IsLinkLocal => Value >> 118 == 0xFE80 >> 6;

    /// <summary>A group that no router passes on (RFC 4291, 2.7: scopes up to 2): all nodes, solicited nodes, multicast DNS.</summary>
    public bool IsGroupOfLink => IsMulticast && (int)(Value >> 112 & 0xF) <= 2;

    public static Ipv6Address Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    public static Ipv6Address Parse(string text) => Read(IPAddress.Parse(text).GetAddressBytes());

    public void Write(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, Value);

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Write(bytes);
        return new IPAddress(bytes).ToString();
    }
}
