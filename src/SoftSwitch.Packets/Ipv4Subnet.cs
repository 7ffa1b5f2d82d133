using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SoftSwitch.Packets;

/// <summary>An IPv4 network in CIDR notation (RFC 4632): a base address with zeros behind the prefix, and the prefix length.</summary>
public readonly struct Ipv4Subnet : IEquatable<Ipv4Subnet>
{
    /// <exception cref="ArgumentException">The prefix is longer than 32 bits, or the address has bits behind it.</exception>
    public Ipv4Subnet(Ipv4Address address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)prefixLength, 32u, nameof(prefixLength));
        if ((address.Value & ~MaskOf(prefixLength)) != 0)
            throw new ArgumentException("the address has bits behind the prefix", nameof(address));
        Address = address;
        PrefixLength = prefixLength;
    }

    /// <summary>The first address, the network's own.</summary>
    public Ipv4Address Address { get; }

    /// <summary>Bits, 0 to 32.</summary>
    public int PrefixLength { get; }

    public Ipv4Address Mask => new(MaskOf(PrefixLength));

    /// <summary>The last address, the directed broadcast.</summary>
    public Ipv4Address Broadcast => new(Address.Value | ~MaskOf(PrefixLength));

    /// <summary>The first address of a station. Meaningful for prefixes of at most 30 bits, as <see cref="Last"/> is.</summary>
    public Ipv4Address First => new(Address.Value + 1);

    /// <summary>The last address of a station.</summary>
    public Ipv4Address Last => new(Broadcast.Value - 1);

    /// <summary>The network that <paramref name="address"/> lies in.</summary>
    public static Ipv4Subnet Containing(Ipv4Address address, int prefixLength) =>
        new(new(address.Value & MaskOf(prefixLength)), prefixLength);

    public bool Contains(Ipv4Address address) => (address.Value & MaskOf(PrefixLength)) == Address.Value;

    public bool Overlaps(Ipv4Subnet other) => Contains(other.Address) || other.Contains(Address);

    /// <summary>Accepts <c>10.10.0.0/24</c>; refuses an address with bits behind the prefix.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ipv4Subnet result)
    {
        result = default;
        if (!TryParsePrefix(text, out var address, out var prefix) || (address.Value & ~MaskOf(prefix)) != 0)
            return false;
        result = new(address, prefix);
        return true;
    }

    /// <summary>Accepts an address with a prefix length, such as an interface has: <c>10.10.0.9/24</c>.</summary>
    public static bool TryParsePrefix([NotNullWhen(true)] string? text, out Ipv4Address address, out int prefixLength)
    {
        address = default;
        prefixLength = 0;
        var slash = text?.IndexOf('/') ?? -1;
        return slash > 0 && text!.Length - slash <= 3
            && Ipv4Address.TryParse(text.AsSpan(0, slash), null, out address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefixLength)
            && prefixLength <= 32;
    }

    private static uint MaskOf(int prefixLength) => prefixLength == 0 ? 0 : uint.MaxValue << (32 - prefixLength);

    public bool Equals(Ipv4Subnet other) => Address == other.Address && PrefixLength == other.PrefixLength;

    public override bool Equals(object? obj) => obj is Ipv4Subnet other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Address, PrefixLength);

    public static bool operator ==(Ipv4Subnet left, Ipv4Subnet right) => left.Equals(right);

    public static bool operator !=(Ipv4Subnet left, Ipv4Subnet right) => !left.Equals(right);

    public override string ToString() => $"{Address}/{PrefixLength}";
}
