using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The addresses that a station has said to be its own, by which it can be asked whether it is still there.</summary>
internal struct KnownAddresses
{
    /// <summary>Up to two, the first that it said and the latest beside it; 0: none.</summary>
    public Ipv4Address First, Second;

    /// <summary>Of an address in <see cref="AddressPlaces"/>: the question that its holder has yet to answer.</summary>
    public OpenQuestion Question;

    /// <summary>Its link-local address, or one that it said before that; 0: none.</summary>
    public Ipv6Address Ipv6;

    /// <summary>Of an address in <see cref="AddressPlaces"/>: the MAC address of who has it, in the place of the IPv4 addresses.</summary>
    public ulong Owner
    {
        readonly get => First.Value | (ulong)Second.Value << 32;
        set => (First, Second) = (new((uint)value), new((uint)(value >> 32)));
    }

    public readonly bool Any => Owner != 0 || !Ipv6.IsUnspecified;

    public readonly bool Has(Ipv4Address address) => First == address || Second == address;

    /// <summary>What a station says beside what it has said before: every one has a link-local address, and keeps it.</summary>
    public readonly bool Has(Ipv6Address address) => Ipv6 == address || (!Ipv6.IsUnspecified && !address.IsLinkLocal);

    public void Note(Ipv4Address address)
    {
        if (First.Value == 0)
            First = address;
        else
            Second = address;
    }
}
