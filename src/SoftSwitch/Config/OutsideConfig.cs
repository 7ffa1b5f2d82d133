using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>Where a translating network meets the outside.</summary>
internal sealed record OutsideConfig
{
    /// <summary>Null: the interface of the host's default route.</summary>
    public Located<string>? Interface { get; init; }

    /// <summary>Where the file asks for an address of its own by DHCP.</summary>
    public Position? DhcpAt { get; init; }

    /// <summary>An address of its own; null, and not by DHCP: the host's address is shared.</summary>
    public Located<InterfaceAddress>? Address { get; init; }

    /// <summary>The address was written and refused: what depends on it can't be judged.</summary>
    public bool AddressRefused { get; init; }

    public Located<Ipv4Address>? Gateway { get; init; }

    public Located<PortPool>? Ports { get; init; }

    public bool SharesHost => this is { DhcpAt: null, Address: null, AddressRefused: false };
}
