using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>Where the names that guests ask for are looked up.</summary>
public sealed record DnsModel
{
    /// <summary>The resolvers, in the order in which they are asked; null in the list: the host's own, followed as they change. Empty:
    /// in nat those alone; in host-only nobody, for names lead out of a network as packets do.</summary>
    public ValueList<Ipv4Address?> Servers { get; init; } = [];

    /// <summary>Names that are known beside those of ports, reservations and leases.</summary>
    public ValueList<HostNameModel> Hosts { get; init; } = [];

    /// <summary>The host's own programs are to find these names as well.</summary>
    public bool TellsHost { get; init; }
}
