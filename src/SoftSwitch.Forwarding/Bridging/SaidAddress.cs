using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>An IP address that somebody says to have: of one family, the other is none.</summary>
/// <param name="Ipv4">Said in ARP.</param>
/// <param name="Ipv6">Said in neighbor discovery.</param>
public readonly record struct SaidAddress(Ipv4Address Ipv4, Ipv6Address Ipv6)
{
    /// <summary>No station has a multicast address: what looks like one is an address in <see cref="AddressPlaces"/>.</summary>
    private const ulong Ipv4Key = 0x0100_0000_0000, Ipv6Key = 0x0300_0000_0000;

    public bool IsNone => Ipv4.Value == 0 && Ipv6.IsUnspecified;

    public bool IsIpv6 => !Ipv6.IsUnspecified;

    /// <summary>48 bits. Of IPv6 a hash with a seed of the process, which nobody can aim at: with 65,536 addresses, two share one in one of
    /// five hundred networks, and then count as one.</summary>
    internal ulong Key => !IsIpv6 ? Ipv4Key | Ipv4.Value
        : Ipv6Key | (uint)HashCode.Combine(Ipv6.Value) | (ulong)(byte)HashCode.Combine(Ipv6.Value, Ipv6Key) << 32;

    public override string ToString() => IsIpv6 ? Ipv6.ToString() : Ipv4.ToString();
}
