using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds ports, and the ports that uplinks become, against networks and each other.</summary>
internal static class PortCheck
{
    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        var networks = config.Networks.ToDictionary(network => network.Model.Name);
        var names = config.Ports.Select(port => (port.Model.Name, port.Places.At)).ToDictionary();
        var interfaces = new FirstSeen<(string Netns, string Interface)>(mistakes);
        foreach (var (network, places) in config.Networks)
        {
            if (network.Mode == NetworkMode.Bridged && places.Of(NetworkKeys.Uplink) is { } uplink)
                CheckUplink(uplink, names, interfaces, mistakes);
            if (network.Mode == NetworkMode.HostOnly && places.In(NetworkKeys.Host).Of(NetworkKeys.HostInterface) is { } host)
                interfaces.Add(("", host.Value), host.At, first => Twice(host.Value, first));
            if (network.Mode == NetworkMode.HostOnly && places.Of(NamedKeys.Mtu) is { Value: > TapKind.Longest } mtu)
                mistakes.Add(mtu.At, $"the host's interface in network {Shown.Quote(network.Name)} is a tap, "
                    + $"which takes an mtu of {TapKind.Longest} at most: write mtu: {TapKind.Longest}");
        }
        CheckOutsides(config, mistakes);
        var macs = new FirstSeen<MacAddress>(mistakes);
        var sockets = new FirstSeen<string>(mistakes);
        var addresses = new FirstSeen<(string, Ipv4Address)>(mistakes);
        foreach (var port in config.Ports)
        {
            var places = port.Places;
            if (places.Of(PortKeys.Mac) is { } mac)
                macs.Add(mac.Value, mac.At,
                    first => $"mac {mac.Value} stands here a second time, the first is at {first}: give each port its own");
            if (InterfaceOf(port) is { } name)
                interfaces.Add((NetnsKey(((InterfaceModel)port.Model).Netns), name.Value), name.At, first => Twice(name.Value, first));
            foreach (var socket in new[] { places.Of(UnbuiltKeys.Socket), places.Of(UnbuiltKeys.Listen), places.Of(UnbuiltKeys.Local) })
            {
                if (socket is not null)
                    sockets.Add(socket.Value, socket.At,
                        first => $"socket {Shown.Quote(socket.Value)} is taken by the port at {first}: give each port its own");
            }
            CheckNetwork(port, networks, addresses, mistakes);
        }
        // Names that nobody wrote come last: whoever wrote one keeps it.
        foreach (var (network, places) in config.Networks)
        {
            if (network.Mode != NetworkMode.HostOnly || places.In(NetworkKeys.Host).Has(NetworkKeys.HostInterface))
                continue;
            var host = network.HostInterface!;
            interfaces.Add(("", host), places.At,
                first => $"the interface of network {Shown.Quote(network.Name)} on the host would be called {Shown.Quote(host)}, "
                    + $"which is taken at {first}: write host: {{ interface: NAME }} with another name");
        }
    }

    private static void CheckUplink(Located<string> uplink, Dictionary<string, Position> names, FirstSeen<(string, string)> interfaces,
        MistakeList mistakes)
    {
        if (!Scalars.Name.Parse(uplink.Value, out _))
            mistakes.Add(uplink.At, $"uplink {Shown.Quote(uplink.Value)} becomes a port of that name, "
                + $"and it is not {Scalars.Name.Expected}: write a port of kind nic with interface: {uplink.Value} instead");
        if (!names.TryAdd(uplink.Value, uplink.At))
            mistakes.Add(uplink.At, $"uplink '{uplink.Value}' becomes a port of that name, and there is one at {names[uplink.Value]}: "
                + "keep one of them, or rename the port");
        else
            interfaces.Add(("", uplink.Value), uplink.At, first => Twice(uplink.Value, first));
    }

    /// <summary>The world isn't behind an interface that the switch makes itself: guests are.</summary>
    private static void CheckOutsides(SwitchEntry config, MistakeList mistakes)
    {
        var made = new Dictionary<string, Position>();
        foreach (var (port, places) in config.Ports)
        {
            if (places.Of(PortKeys.Kind) is { Value.MakesInterface: true } && port is InterfaceModel { Netns: null, Interface: var name })
                made.TryAdd(name, places.At);
        }
        foreach (var (network, places) in config.Networks.Where(network => network.Model.Mode == NetworkMode.HostOnly))
            made.TryAdd(network.HostInterface!, places.At);
        foreach (var network in config.Networks.Where(OutsideCheck.IsNat))
        {
            if (OutsideCheck.InterfaceOf(OutsideCheck.Outside(network)) is { } outside && made.TryGetValue(outside.Value, out var at))
                mistakes.Add(outside.At,
                    $"interface {Shown.Quote(outside.Value)} is made by this switch itself, at {at}: write a NIC of the host, or auto");
        }
    }

    private static string Twice(string name, Position first) =>
        $"interface {Shown.Quote(name)} is taken at {first} already: one port an interface";

    /// <summary>The interface a port makes or takes, named like the port where it names none.</summary>
    private static Located<string>? InterfaceOf(Entry<PortModel> port) =>
        port.Places.Of(PortKeys.Kind) is { } kind && kind.Value.Keys.Contains(InterfaceKeys.Interface)
            ? port.Places.Of(InterfaceKeys.Interface) ?? new(port.Model.Name, port.Places.At) : null;

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
    private static void CheckMtu(Entry<PortModel> port, Entry<NetworkModel> network, MistakeList mistakes)
    {
        var (model, places) = port;
        var ofNetwork = network.Model.Mtu;
        var mtu = places.Of(NamedKeys.Mtu);
        if (mtu is not null && mtu.Value > ofNetwork)
            mistakes.Add(mtu.At, $"mtu {mtu.Value} is more than the {ofNetwork} of network {Shown.Quote(network.Model.Name)}: write less, "
                + $"or mtu: {mtu.Value} at the network");
        else if (places.Of(PortKeys.Kind) is { Value: var kind } && model.Mtu > kind.LongestMtu)
            mistakes.Add(mtu?.At ?? places.At,
                $"a port of kind {kind.Word} takes an mtu of {kind.LongestMtu} at most, not {model.Mtu}: write mtu: {kind.LongestMtu}");
    }

    private static void CheckNetwork(Entry<PortModel> port, Dictionary<string, Entry<NetworkModel>> networks,
        FirstSeen<(string, Ipv4Address)> addresses, MistakeList mistakes)
    {
        if (port.Places.Of(PortKeys.Network) is not { } name)
            return;
        if (!networks.TryGetValue(name.Value, out var network))
        {
            var cure = NearestWord.To(name.Value, networks.Keys) is { } nearest
                ? $"did you mean {Shown.Quote(nearest)}?"
                : "declare it under 'networks'";
            mistakes.Add(name.At, $"there is no network {Shown.Quote(name.Value)}: {cure}");
            return;
        }
        CheckMtu(port, network, mistakes);
        if (port.Places.Of(InterfaceKeys.Gateway) is { Value.Own: { } gateway, At: var at })
        {
            NetworkCheck.CheckInside("gateway", new(gateway, at), network, mistakes);
            if (port.Model is InterfaceModel { Netns: null })
                mistakes.Add(at, "'gateway' is for an interface in a namespace, with netns: this machine has routes of its own");
        }
        CheckGuard(port, network, mistakes);
        if (port.Places.Of(InterfaceKeys.Address) is not { } written)
            return;
        if (written.Value.Own is not { } own)
        {
            CheckTaken(port, network, written.At, mistakes);
            return;
        }
        Located<InterfaceAddress> address = new(own, written.At);
        NetworkCheck.CheckInside("address", new(address.Value.Address, address.At), network, mistakes);
        // With a longer prefix neighbors are sought behind the gateway, with a shorter one strangers beside the guest.
        if (network.Places.Of(NetworkKeys.Subnet) is { } subnet && subnet.Value.PrefixLength != address.Value.PrefixLength
            && new InterfaceAddress(address.Value.Address, subnet.Value.PrefixLength) is { IsStation: true } fit
            && fit.Subnet == subnet.Value)
            mistakes.Add(address.At, $"address {address.Value} has another prefix length than the subnet {subnet.Value}: write {fit}");
        addresses.Add((name.Value, address.Value.Address), address.At,
            first => $"address {address.Value.Address} is taken by the port at {first}: give each port its own");
        if (NetworkCheck.GatewayOf(network) == address.Value.Address)
            mistakes.Add(address.At, $"address {address.Value.Address} is the gateway's: choose another");
    }

    /// <summary>Where nobody gives the guest an address, none is its own.</summary>
    private static void CheckGuard(Entry<PortModel> port, Entry<NetworkModel> network, MistakeList mistakes)
    {
        if (port.Model.Guard is not (Guarding.Ip or Guarding.On) || network.Model.Dhcp is not null
            || port.Places.Has(InterfaceKeys.Address))
            return;
        var word = Words.Guardings[port.Model.Guard];
        string[] cures =
        [
            .. network.Model.Mode == NetworkMode.Bridged ? Array.Empty<string>() : ["dhcp: {} at the network"],
            .. PortKinds.Of(port.Model).Keys.Contains(InterfaceKeys.Address) ? ["an address"] : Array.Empty<string>(),
            "guard: mac at the port",
        ];
        mistakes.Add((port.Places.Of(PortKeys.Guard) ?? network.Places.Of(NetworkKeys.Guard))?.At ?? port.Places.At,
            $"guard: {word} lets port {Shown.Quote(port.Model.Name)} send from addresses that it was given, and nothing gives it one: "
            + $"write {Shown.Or(cures)}");
    }

    /// <summary>An address that the network gives: by its DHCP, to somebody who has nothing else to do with the host's addresses.</summary>
    private static void CheckTaken(Entry<PortModel> port, Entry<NetworkModel> network, Position at, MistakeList mistakes)
    {
        if (port.Model is InterfaceModel { Netns: null })
            mistakes.Add(at, "'address: auto' is for an interface in a namespace, with netns: write an address such as 10.10.0.9/24");
        if (network.Model is { Mode: NetworkMode.Bridged, Name: var lan })
            mistakes.Add(at, $"network {Shown.Quote(lan)} is bridged, and its addresses are the LAN's: leave 'address' out, and run a "
                + "client of DHCP in the namespace");
        else if (network.Model.Dhcp is null)
            mistakes.Add(at, $"network {Shown.Quote(network.Model.Name)} gives no addresses: write dhcp: {{}} there, or an address");
    }
}
