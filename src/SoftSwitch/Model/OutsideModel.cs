using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>Where a nat network meets the outside. Networks with an equal <see cref="OutsidePlace"/> share one outside, with its address
/// and ports.</summary>
public sealed record OutsideModel
{
    /// <summary>Null: wherever the host's routing leads; with an address of its own, the interface of the default route, followed as it
    /// changes.</summary>
    public string? Interface { get; init; }

    /// <summary>An address of its own, with its own MAC; null: the host's address is shared, or one is leased.</summary>
    public InterfaceAddress? Address { get; init; }

    /// <summary>A server of DHCP outside lends it an address of its own, with its own MAC.</summary>
    public bool IsLeased { get; init; }

    /// <summary>The host's address is shared.</summary>
    public bool SharesHost => Address is null && !IsLeased;

    /// <summary>The router outside, inside the subnet of <see cref="Address"/>; null with an own address: only that subnet is reached.
    /// Always null without one: the host's routes say, or the lease does.</summary>
    public Ipv4Address? Gateway { get; init; }

    /// <summary>The ports that translated flows get; from 1024 on where the host's address is shared. Ports of forwards that lie in it are
    /// not among them.</summary>
    public PortPool Ports { get; init; } = PortPool.OfHost;
}
