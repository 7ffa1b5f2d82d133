using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>Where the names that guests ask for are looked up.</summary>
public sealed record DnsModel
{
    /// <summary>The resolvers; null in the list: the host's own, followed as they change.</summary>
    public ValueList<Ipv4Address?> Servers { get; init; } = [];
}
