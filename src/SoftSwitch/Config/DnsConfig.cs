using SoftSwitch.Config.Yaml;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

internal sealed record DnsConfig
{
    /// <summary>Where the key stands.</summary>
    public required Position At { get; init; }

    public bool Off { get; init; }

    /// <summary>The resolvers; null in the list: the host's own, followed as they change.</summary>
    public IReadOnlyList<Located<Ipv4Address?>> Servers { get; init; } = [];
}
