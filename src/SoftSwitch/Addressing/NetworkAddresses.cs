using SoftSwitch.Errors;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Addressing;

/// <summary>Completes a configuration that is about to run with the subnets that its file leaves to us, and says what guests must know of
/// them.</summary>
internal static class NetworkAddresses
{
    private const string NoneIsFree =
        "no private subnet is free beside the routes of this machine: write subnet: and one that guests may have";

    /// <summary>The model with a subnet and gateway for every nat and host-only network; what was chosen is remembered. Where a subnet is
    /// too narrow for who serves it, DHCP and DNS are off.</summary>
    /// <param name="model">The configuration.</param>
    /// <param name="folder">Where it is remembered, <see cref="StateFolder.Of"/>; null: nowhere.</param>
    /// <param name="routed">Gives every route of the host that isn't our own doing, <see cref="HostRoutes"/>; asked only where a network
    /// has to do with it.</param>
    /// <param name="log">Gets a line for what was chosen anew, for what couldn't be remembered, and for what guests won't reach.</param>
    /// <param name="isStrict">No free subnet is left, or the host has other use for one that the file names: that is an obstacle; else the
    /// first is left out still, and nothing is said of either.</param>
    /// <param name="remembers">False: it is only asked what would be chosen.</param>
    /// <exception cref="StartRefusedException">So it is.</exception>
    public static SwitchModel Complete(
        SwitchModel model, string? folder, Func<IReadOnlyList<Ipv4Subnet>> routed, ISwitchLog log, bool isStrict = true,
        bool remembers = true)
    {
        if (model.Networks.Any(network => !network.HasRoomForServer))
            model = model with
            {
                Networks = [.. model.Networks.Select(network =>
                    network.HasRoomForServer ? network : network with { Dhcp = null, Dns = null })],
            };
        if (!model.Networks.Any(network => network.Mode is NetworkMode.Nat or NetworkMode.HostOnly))
            return model;
        var routes = routed();
        foreach (var network in model.Networks)
            CheckNamed(network, routes, log, isStrict);
        if (!model.Networks.Any(SubnetChoice.IsNeeded))
            return model;
        var obstacle = folder is null ? "no folder is known to be yours: XDG_STATE_HOME and HOME are not set" : null;
        var remembered = folder is null ? [] : Load(folder, ref obstacle);
        var choice = new SubnetChoice(model, remembered, routes);
        var chosen = choice.Choose();
        var anew = false;
        foreach (var network in model.Networks.Where(SubnetChoice.IsNeeded))
        {
            if (!chosen.TryGetValue(network.Name, out var subnet))
            {
                if (isStrict)
                    throw new StartRefusedException($"network {network.Name}: {NoneIsFree}");
                continue;
            }
            if (remembered.TryGetValue(network.Name, out var before) && before == subnet)
                continue;
            anew = true;
            var moved = choice.Moved.Contains(network.Name);
            log.Write(moved ? LogLevel.Warning : LogLevel.Info, moved
                ? $"network {network.Name}: its subnet is {subnet} from now on: {before} is taken by a route of this machine or another "
                    + "network"
                : $"network {network.Name}: its subnet is {subnet}, chosen because the file names none");
        }
        if (anew && remembers && obstacle is null)
            Save(folder!, chosen.Concat(remembered.Where(one => !chosen.ContainsKey(one.Key))), ref obstacle);
        if (obstacle is not null)
            log.Write(LogLevel.Warning,
                $"subnets that the file leaves out can't be remembered: {obstacle}; "
                + "write state: and a folder that can be written, or a subnet for each network");
        return With(model, chosen);
    }

    /// <summary>The model with subnets for these of its networks.</summary>
    public static SwitchModel With(SwitchModel model, IReadOnlyDictionary<string, Ipv4Subnet> chosen) => model with
    {
        Networks = [.. model.Networks.Select(network =>
            chosen.TryGetValue(network.Name, out var subnet) ? network with { Subnet = subnet, Gateway = subnet.First } : network)],
    };

    /// <summary>Why a network can't have its subnet; null: it can.</summary>
    /// <param name="network">Nat or host-only.</param>
    /// <param name="isProvisional">The file names none, and none was free.</param>
    /// <param name="routes">Every route of the host that isn't our own doing.</param>
    public static string? Obstacle(NetworkModel network, bool isProvisional, IReadOnlyList<Ipv4Subnet> routes)
    {
        if (network.Subnet is not { } subnet)
            return null;
        if (isProvisional)
            return SubnetChoice.Taker(routes, subnet) is null ? null : NoneIsFree;
        return network.Mode == NetworkMode.HostOnly && HostRoutes.Within(routes, subnet) is { } route
            ? $"this machine has a route for {route} already, in subnet {subnet}: write another subnet, or take that route away" : null;
    }

    /// <summary>Says what guests must know. A network that waits says it when its subnet is free.</summary>
    public static void TellGuests(SwitchModel model, Func<IReadOnlyList<Ipv4Subnet>> routed, ISwitchLog log)
    {
        var routes = model.Networks.Any(network => network.Mode == NetworkMode.HostOnly) ? routed() : [];
        foreach (var network in model.Networks.Where(network => Obstacle(network, isProvisional: false, routes) is null))
        {
            if (ForGuests(network) is { } line)
                log.Write(LogLevel.Info, line);
        }
    }

    /// <summary>What a guest must be told that isn't told it by DHCP; null: nothing.</summary>
    public static string? ForGuests(NetworkModel network) => network switch
    {
        { Mode: NetworkMode.Nat, Dhcp: null, Subnet: { } subnet, Gateway: { } gateway } =>
            $"network {network.Name}: no DHCP: its guests need addresses of their own in {subnet}, with gateway {gateway}",
        { Mode: NetworkMode.HostOnly, Dhcp: null, Subnet: { } subnet, Gateway: { } gateway } =>
            $"network {network.Name}: no DHCP: its guests need addresses of their own in {subnet}; this machine is {gateway} there, "
                + $"on {network.HostInterface}",
        { Mode: NetworkMode.HostOnly, Gateway: { } gateway } =>
            $"network {network.Name}: this machine is {gateway} there, on {network.HostInterface}",
        _ => null,
    };

    /// <summary>A wider route, such as a VPN's, may lose a part to us; what the host reaches in just this subnet or in a part of it may not
    /// be cut off.</summary>
    private static void CheckNamed(NetworkModel network, IReadOnlyList<Ipv4Subnet> routes, ISwitchLog log, bool isStrict)
    {
        if (network is not { Mode: NetworkMode.Nat or NetworkMode.HostOnly, Subnet: { } subnet }
            || HostRoutes.Within(routes, subnet) is not { } route)
            return;
        if (Obstacle(network, isProvisional: false, routes) is { } obstacle)
        {
            if (isStrict)
                throw new StartRefusedException($"network {network.Name}: {obstacle}");
            return;
        }
        log.Write(LogLevel.Warning,
            $"network {network.Name}: its guests don't reach {route}, which this machine has a route for: "
            + $"it is in their own subnet {subnet}");
    }

    private static Dictionary<string, Ipv4Subnet> Load(string folder, ref string? obstacle)
    {
        try
        {
            return SubnetMemory.Load(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
            return [];
        }
    }

    private static void Save(string folder, IEnumerable<KeyValuePair<string, Ipv4Subnet>> remembered, ref string? obstacle)
    {
        try
        {
            SubnetMemory.Save(folder, remembered);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
        }
    }
}
