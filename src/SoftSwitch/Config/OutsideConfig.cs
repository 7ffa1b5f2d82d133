using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>Where a translating network meets the outside.</summary>
internal sealed record OutsideConfig
{
    /// <summary>Null: the interface of the host's default route.</summary>
    public Located<string>? Interface { get; init; }

    /// <summary>By DHCP, an address of its own.</summary>
    public bool Dhcp { get; init; }

    /// <summary>An address of its own; null, and not by DHCP: the host's address is shared.</summary>
    public Located<InterfaceAddress>? Address { get; init; }

    /// <summary>The address was written and refused: what depends on it can't be judged.</summary>
    public bool AddressRefused { get; init; }

    public Located<Ipv4Address>? Gateway { get; init; }
}
