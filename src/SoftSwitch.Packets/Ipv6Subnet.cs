namespace SoftSwitch.Packets;

/// <summary>The IPv6 addresses that begin with the same bits (RFC 4291, 2.3).</summary>
public readonly record struct Ipv6Subnet
{
    private readonly UInt128 _mask;

    private Ipv6Subnet(Ipv6Address address, UInt128 mask) => (Address, _mask) = (new(address.Value & mask), mask);

    /// <summary>The first address.</summary>
    public Ipv6Address Address { get; }

    /// <summary>The subnet that <paramref name="address"/> lies in.</summary>
    /// <param name="prefixLength">Bits, 0 to 128.</param>
    public static Ipv6Subnet Containing(Ipv6Address address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)prefixLength, 128u, nameof(prefixLength));
        return new(address, prefixLength == 0 ? 0 : UInt128.MaxValue << (128 - prefixLength));
    }

    public int PrefixLength => (int)UInt128.PopCount(_mask);

    public bool Contains(Ipv6Address address) => (address.Value & _mask) == Address.Value;
}
