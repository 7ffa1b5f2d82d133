using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of DNS.</summary>
internal sealed class DnsKeys : Table<DnsModel>
{
    public static readonly IReadOnlyList<Row> All =
    [
        ListKey("servers", Scalars.Resolver, "a list such as [auto] or [192.0.2.53]",
            dns => dns.Servers, (dns, servers) => dns with { Servers = servers },
            "the resolvers that are asked; `auto`: the host's own"),
    ];
}
