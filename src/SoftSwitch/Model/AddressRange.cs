using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>Addresses from the first to the last, both included.</summary>
public readonly record struct AddressRange(Ipv4Address First, Ipv4Address Last)
{
    public override string ToString() => $"{First}-{Last}";
}
