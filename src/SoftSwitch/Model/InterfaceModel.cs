using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>A port whose other end is an interface of this machine, or an interface that the switch gives to the guest.</summary>
public abstract record InterfaceModel : PortModel
{
    public required string Interface { get; init; }

    /// <summary>Where the interface is. Null: in the host's namespace. Digits only: a pid. From a slash: a path. Otherwise a name under
    /// <c>/run/netns</c>.</summary>
    public string? Netns { get; init; }

    /// <summary>An address to put on the interface; null: none.</summary>
    public InterfaceAddress? Address { get; init; }

    /// <summary>By it the host itself is in the network, with an address there.</summary>
    public bool IsOfHost => Netns is null && Address is not null;

    /// <summary>The network gives the address, from those that it has for its guests. In a model that runs it has done so.</summary>
    public bool TakesAddress { get; init; }

    /// <summary>With an address from the network comes a default route by its gateway, where it has one.</summary>
    public bool TakesGateway { get; init; } = true;

    /// <summary>Where the default route of the namespace leads that gets the interface; null: it gets none.</summary>
    public Ipv4Address? Gateway { get; init; }
}
