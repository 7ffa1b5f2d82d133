using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of DNS.</summary>
internal sealed class DnsKeys : Table<DnsModel>
{
    public static readonly ScalarListRow<Packets.Ipv4Address?> Servers = ListKey(
        "servers", Scalars.Resolver, "a list such as [auto] or [192.0.2.53]",
        dns => dns.Servers, (dns, servers) => dns with { Servers = servers },
        "the resolvers that are asked, one after the other; `auto`: the host's own, followed as they change") with
    {
        Otherwise = "`[auto]` in `nat`, nobody in `host-only`",
        IsNeverEmpty = true,
    };

    public static readonly PairsRow<Packets.Ipv4Address> Hosts = PairsKey(
        "hosts", Scalars.DomainName, Scalars.Address, "{ db: 10.10.0.20 }",
        dns => dns.Hosts.Select(host => (host.Name, host.Address)),
        (dns, hosts) => dns with { Hosts = [.. hosts.Select(host => new HostNameModel(host.Name, host.Value))] },
        "names with their addresses, beside those of ports, reservations and leases; one of a single word is known with the network's name "
            + "and with its domain as well");

    public static readonly ScalarRow<bool> Host = Key("host", PlainScalars.OnOff,
        dns => dns.TellsHost, (dns, isOn) => dns with { TellsHost = isOn },
        "`on`: systemd-resolved asks here for names below the domain, by the interface that the host has in the network (in `nat` a "
            + "`tap` or `veth` port with an `address` and without `netns`), as long as that is there; where it doesn't run, the log says "
            + "the line to write");

    public static readonly IReadOnlyList<Row> All = [Servers, Hosts, Host];
}
