using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>An address as an interface carries it, with the prefix length of its subnet: <c>10.10.0.9/24</c>.</summary>
public readonly record struct InterfaceAddress(Ipv4Address Address, int PrefixLength)
{
    public Ipv4Subnet Subnet => Ipv4Subnet.Containing(Address, PrefixLength);

    public override string ToString() => $"{Address}/{PrefixLength}";
}
