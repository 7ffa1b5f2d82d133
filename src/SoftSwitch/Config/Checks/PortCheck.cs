using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds ports, and the ports that uplinks become, against networks and each other.</summary>
internal static class PortCheck
{
    /// <summary>What the kernel lets a tap have (drivers/net/tun.c): 65,535 bytes with the Ethernet header.</summary>
    private const int LongestOfTap = 65521;

    public static void Check(SwitchConfig config, MistakeList mistakes)
    {
        var networks = config.Networks.ToDictionary(network => network.Name.Value);
        var names = config.Ports.Select(port => (port.Name.Value, port.Name.At)).ToDictionary();
        var interfaces = new FirstSeen<(string Netns, string Interface)>(mistakes);
        foreach (var network in config.Networks)
        {
            if (network is { Mode.Value: NetworkMode.Bridged, Uplink: { } uplink })
                CheckUplink(uplink, names, interfaces, mistakes);
            if (network is { Mode.Value: NetworkMode.HostOnly, HostInterface: { } host })
                interfaces.Add(("", host.Value), host.At, first => Twice(host.Value, first));
            if (network is { Mode.Value: NetworkMode.HostOnly, Mtu: { Value: > LongestOfTap } mtu })
                mistakes.Add(mtu.At, $"the host's interface in network {Shown.Quote(network.Name.Value)} is a tap, which takes an mtu of {LongestOfTap} at most: write mtu: {LongestOfTap}");
        }
        CheckOutsides(config, mistakes);
        var macs = new FirstSeen<MacAddress>(mistakes);
        var sockets = new FirstSeen<string>(mistakes);
        var addresses = new FirstSeen<(string, Ipv4Address)>(mistakes);
        foreach (var port in config.Ports)
        {
            if (port.Mac is { } mac)
                macs.Add(mac.Value, mac.At, first => $"mac {mac.Value} stands here a second time, the first is at {first}: give each port its own");
            if (InterfaceOf(port) is { } name)
                interfaces.Add((NetnsKey(port.Netns?.Value), name.Value), name.At, first => Twice(name.Value, first));
            foreach (var socket in new[] { port.Socket, port.Listen, port.Local })
            {
                if (socket is not null)
                    sockets.Add(socket.Value, socket.At, first => $"socket {Shown.Quote(socket.Value)} is taken by the port at {first}: give each port its own");
            }
            CheckNetwork(port, networks, addresses, mistakes);
        }
        // Names that nobody wrote come last: whoever wrote one keeps it.
        foreach (var network in config.Networks.Where(one => one is { Mode.Value: NetworkMode.HostOnly, HasHostInterface: false }))
        {
            var host = network.DefaultHostInterface;
            interfaces.Add(("", host), network.Name.At,
                first => $"the interface of network {Shown.Quote(network.Name.Value)} on the host would be called {Shown.Quote(host)}, which is taken at {first}: write host: {{ interface: NAME }} with another name");
        }
    }

    private static void CheckUplink(Located<string> uplink, Dictionary<string, Position> names, FirstSeen<(string, string)> interfaces, MistakeList mistakes)
    {
        if (!Scalars.Name.Parse(uplink.Value, out _))
            mistakes.Add(uplink.At, $"uplink {Shown.Quote(uplink.Value)} becomes a port of that name, and it is not {Scalars.Name.Expected}: write a port of kind nic with interface: {uplink.Value} instead");
        if (!names.TryAdd(uplink.Value, uplink.At))
            mistakes.Add(uplink.At, $"uplink '{uplink.Value}' becomes a port of that name, and there is one at {names[uplink.Value]}: keep one of them, or rename the port");
        else
            interfaces.Add(("", uplink.Value), uplink.At, first => Twice(uplink.Value, first));
    }

    /// <summary>The world isn't behind an interface that the switch makes itself: guests are.</summary>
    private static void CheckOutsides(SwitchConfig config, MistakeList mistakes)
    {
        var made = new Dictionary<string, Position>();
        foreach (var port in config.Ports.Where(port => port is { Kind.Value: PortKind.Tap or PortKind.Guest, Netns: null }))
            made.TryAdd(port.Interface?.Value ?? port.Name.Value, port.Name.At);
        foreach (var network in config.Networks.Where(network => network.Mode?.Value == NetworkMode.HostOnly))
            made.TryAdd(network.HostInterface?.Value ?? network.DefaultHostInterface, network.Name.At);
        foreach (var network in config.Networks)
        {
            if (network.Outside?.Interface is { } outside && made.TryGetValue(outside.Value, out var at))
                mistakes.Add(outside.At, $"interface {Shown.Quote(outside.Value)} is made by this switch itself, at {at}: write a NIC of the host, or auto");
        }
    }

    private static string Twice(string name, Position first) => $"interface {Shown.Quote(name)} is taken at {first} already: one port an interface";

    /// <summary>The interface a port makes or takes, named like the port where it names none.</summary>
    private static Located<string>? InterfaceOf(PortConfig port) =>
        port.Kind?.Value is PortKind.Tap or PortKind.Guest or PortKind.Nic or PortKind.Veth or PortKind.Tun ? port.Interface ?? port.Name : null;

    /// <summary>A name and its path under <c>/run/netns</c> are one namespace.</summary>
    private static string NetnsKey(string? netns)
    {
        foreach (var folder in new[] { "/run/netns/", "/var/run/netns/" })
        {
            if (netns is not null && netns.StartsWith(folder, StringComparison.Ordinal))
                return netns[folder.Length..];
        }
        return netns ?? "";
    }

    /// <summary>A port that sends longer frames than its network carries would be heard by some and not by others.</summary>
    private static void CheckMtu(PortConfig port, NetworkConfig network, MistakeList mistakes)
    {
        var ofNetwork = network.Mtu?.Value ?? ModelCompiler.DefaultMtu;
        if (port.Mtu is { } mtu && mtu.Value > ofNetwork)
            mistakes.Add(mtu.At, $"mtu {mtu.Value} is more than the {ofNetwork} of network {Shown.Quote(network.Name.Value)}: write less, or mtu: {mtu.Value} at the network");
        else if (port.Kind?.Value is PortKind.Tap or PortKind.Guest && (port.Mtu?.Value ?? ofNetwork) > LongestOfTap && (port.Mtu ?? network.Mtu) is { } written)
            mistakes.Add(port.Mtu?.At ?? port.Name.At, $"a port of kind {port.Kind.Value.Word()} takes an mtu of {LongestOfTap} at most, not {written.Value}: write mtu: {LongestOfTap}");
    }

    private static void CheckNetwork(PortConfig port, Dictionary<string, NetworkConfig> networks, FirstSeen<(string, Ipv4Address)> addresses, MistakeList mistakes)
    {
        if (port.Network is not { } name)
            return;
        if (!networks.TryGetValue(name.Value, out var network))
        {
            var cure = NearestWord.To(name.Value, networks.Keys) is { } nearest ? $"did you mean {Shown.Quote(nearest)}?" : "declare it under 'networks'";
            mistakes.Add(name.At, $"there is no network {Shown.Quote(name.Value)}: {cure}");
            return;
        }
        CheckMtu(port, network, mistakes);
        if (port.Address is not { } address)
            return;
        NetworkCheck.CheckInside("address", new(address.Value.Address, address.At), network, mistakes);
        // With a longer prefix neighbours are sought behind the gateway, with a shorter one strangers beside the guest.
        if (network.Subnet is { } subnet && subnet.Value.PrefixLength != address.Value.PrefixLength && new InterfaceAddress(address.Value.Address, subnet.Value.PrefixLength) is { IsStation: true } fit && fit.Subnet == subnet.Value)
            mistakes.Add(address.At, $"address {address.Value} has another prefix length than the subnet {subnet.Value}: write {fit}");
        addresses.Add((name.Value, address.Value.Address), address.At, first => $"address {address.Value.Address} is taken by the port at {first}: give each port its own");
        if (NetworkCheck.GatewayOf(network) == address.Value.Address)
            mistakes.Add(address.At, $"address {address.Value.Address} is the gateway's: choose another");
    }
}
