using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>An address as an interface carries it, with the prefix length of its subnet: <c>10.10.0.9/24</c>.</summary>
public readonly record struct InterfaceAddress(Ipv4Address Address, int PrefixLength)
{
    public Ipv4Subnet Subnet => Ipv4Subnet.Containing(Address, PrefixLength);

    /// <summary>It isn't the subnet's own address or its broadcast address; a prefix of 31 or 32 has neither (RFC 3021).</summary>
    public bool IsStation => PrefixLength >= 31 || (Address != Subnet.Address && Address != Subnet.Broadcast);

    public override string ToString() => $"{Address}/{PrefixLength}";
}
