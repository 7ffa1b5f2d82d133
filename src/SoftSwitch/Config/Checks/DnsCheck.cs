using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds what a network tells about names against what it has names for.</summary>
internal static class DnsCheck
{
    /// <summary>The gateway's own name in each network.</summary>
    public const string Gateway = "gateway";

    /// <summary>Each machine itself (RFC 6761, 6.3).</summary>
    public const string Localhost = "localhost";

    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        var gateways = config.Networks.Select(NetworkCheck.GatewayOf).ToHashSet();
        foreach (var network in config.Networks)
        {
            var (model, places) = network;
            // Others have no such keys; one whose mode was refused is as one of nat.
            if (model is { Nat: null, Mode: not NetworkMode.HostOnly })
                continue;
            var dns = places.In(NetworkKeys.Dns);
            foreach (var server in dns.Of(DnsKeys.Servers).Where(server => server.Value is not null && gateways.Contains(server.Value)))
                mistakes.Add(server.At, $"{server.Value} is this switch's own: write a resolver that it can ask, or auto");
            if (places.Of(NetworkKeys.Domain) is { } domain && model.Dns is null && NetworkKeys.Domain.IsFor(model.Mode.Word()))
                mistakes.Add(domain.At, "'domain' is for names that dns tells, and that is off: leave one of the two out");
            CheckNames(config, network, dns, mistakes);
            if (dns.Of(DnsKeys.Host) is { Value: true } host && model.Mode == NetworkMode.Nat
                && !config.Ports.Any(port => port.Model is InterfaceModel one && one.Network == model.Name && one.IsOfHost))
            {
                mistakes.Add(host.At, "the host has no interface in this network, by which it could ask: give it a port of kind tap with "
                    + "an address and without netns, or leave this out");
            }
            if (model.Dns is not null)
                CheckReservations(config, network, mistakes);
        }
    }

    /// <summary>A reservation's name is nobody else's: its station would be told that it is called so, and others who is.</summary>
    private static void CheckReservations(SwitchEntry config, Entry<NetworkModel> network, MistakeList mistakes)
    {
        var ports = config.Ports.Select(port => port.Model).Where(port => port.Network == network.Model.Name).ToList();
        foreach (var (reservation, places) in network.Places.In(NetworkKeys.Dhcp).Of(DhcpKeys.Reservations))
        {
            if (places.Of(ReservationKeys.Name) is not { } name)
                continue;
            // One whose MAC address is made by the switch may be the station.
            var owner = name.Value == Gateway ? "the gateway"
                : name.Value == Localhost ? "each guest itself"
                : ports.Exists(port => port.Name == name.Value && port.Mac is { } mac && mac != reservation.Mac) ? "a port with another mac"
                : null;
            if (owner is not null)
                mistakes.Add(name.At, $"{owner} is called '{name.Value}' in this network: give it another name");
        }
    }

    private static void CheckNames(SwitchEntry config, Entry<NetworkModel> network, Places dns, MistakeList mistakes)
    {
        var hosts = dns.Of(DnsKeys.Hosts);
        if (hosts.Count == 0)
            return;
        var ports = config.Ports.Where(port => port.Model.Network == network.Model.Name).Select(port => port.Model.Name).ToHashSet();
        var reserved = network.Model.Dhcp?.Reservations.Select(reservation => reservation.Name).ToHashSet() ?? [];
        var bare = new HashSet<string>();
        foreach (var host in hosts)
        {
            var name = network.Model.Bare(host.Value.Name);
            if (!bare.Add(name))
            {
                mistakes.Add(host.At, $"'{host.Value.Name}' is '{name}' in this network, which stands here already: leave one of the two "
                    + "out");
            }
            var owner = name == Gateway ? "the gateway"
                : name == Localhost ? "each guest itself"
                : ports.Contains(name) ? "a port"
                : reserved.Contains(name) ? "a reservation" : null;
            if (owner is not null)
                mistakes.Add(host.At, $"{owner} is called '{name}' in this network: give it another name");
        }
    }
}
