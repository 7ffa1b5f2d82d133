using SoftSwitch.Errors;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;

namespace SoftSwitch.Addressing;

/// <summary>
/// Gives ports their addresses that leave them to the network (<c>address: auto</c>): those that DHCP gives as well, but nobody else's by
/// the file, nor one that a guest was given before, unless it is only kept for the guest and no other is left. Each has the same at every
/// start, as long as it can. DHCP gives them to nobody then.
/// </summary>
internal static class PortAddresses
{
    /// <param name="model">The configuration, complete with subnets. An address at a port that leaves it to the network is what it has
    /// already: that stays.</param>
    /// <param name="folder">Where they are remembered, <see cref="StateFolder.Of"/>; null: nowhere.</param>
    /// <param name="log">Gets a line for what couldn't be given or remembered.</param>
    /// <param name="isStrict">A port for which none is left is an obstacle; else it has no address, which is told.</param>
    /// <param name="remembers">False: it is only asked what would be given.</param>
    /// <exception cref="StartRefusedException">So it is.</exception>
    public static SwitchModel Complete(
        SwitchModel model, string? folder, ISwitchLog log, bool isStrict = true, bool remembers = true)
    {
        if (!model.Ports.Any(port => port is InterfaceModel { TakesAddress: true }))
            return model;
        var obstacle = folder is null ? "no folder is known to be yours: XDG_STATE_HOME and HOME are not set" : null;
        var remembered = folder is null ? [] : Load(folder, ref obstacle);
        var given = new Dictionary<(string Network, string Port), Ipv4Address>();
        foreach (var kept in model.Ports.OfType<InterfaceModel>().Where(port => port.TakesAddress && port.Address is not null))
            given.Add((kept.Network, kept.Name), kept.Address!.Value.Address);
        if (model.Ports.Any(IsNeeded))
            GiveAll(model, folder, remembered, given);
        if (obstacle is null && remembers && given.Any(one => !remembered.TryGetValue(one.Key, out var before) || before != one.Value))
            Save(folder!, given.Concat(remembered.Where(one => !given.ContainsKey(one.Key))), ref obstacle);
        if (obstacle is not null && model.Ports.Any(IsNeeded))
            log.Write(LogLevel.Warning, $"addresses that ports are given (auto) can't be remembered: {obstacle}; "
                + "write state: and a folder that can be written, or an address for each port");
        var networks = model.Networks.ToDictionary(network => network.Name);
        return model with { Ports = [.. model.Ports.Select(Given)] };

        PortModel Given(PortModel other)
        {
            if (other is not InterfaceModel { TakesAddress: true } port)
                return other;
            var network = networks[port.Network];
            if (given.TryGetValue((network.Name, port.Name), out var address))
                return port with
                {
                    Address = new(address, network.Subnet!.Value.PrefixLength),
                    TakesAddress = false,
                    Gateway = port.Gateway ?? (port.TakesGateway && network.Mode == NetworkMode.Nat ? network.Gateway : null),
                };
            var reason = network.Subnet is { } subnet ? $"no address is free for it in {subnet}" : "its network has no subnet yet";
            if (isStrict)
                throw new StartRefusedException($"port {port.Name}: {reason}: give it one, or the network a wider subnet");
            log.Write(LogLevel.Warning, $"port {port.Name}: {reason}: give it one, or the network a wider subnet; until the "
                + "next start it has none");
            return port;
        }
    }

    private static bool IsNeeded(PortModel port) => port is InterfaceModel { TakesAddress: true, Address: null };

    private static void GiveAll(
        SwitchModel model, string? folder, Dictionary<(string Network, string Port), Ipv4Address> remembered,
        Dictionary<(string, string), Ipv4Address> given)
    {
        using var leases = new LeaseMemory(folder, static _ => { });
        foreach (var network in model.Networks)
            Give(network, model, remembered, leases, given);
    }

    private static void Give(
        NetworkModel network, SwitchModel model, Dictionary<(string Network, string Port), Ipv4Address> remembered, LeaseMemory leases,
        Dictionary<(string, string), Ipv4Address> given)
    {
        string[] ports = [.. model.Ports.Where(port => port.Network == network.Name && IsNeeded(port)).Select(port => port.Name)];
        if (ports.Length == 0 || network is not { Dhcp: { } dhcp, Subnet: { } subnet })
            return;
        var range = RangeOf(dhcp, subnet);
        var taken = TakenAddresses.Of(network, model).ToHashSet();
        // The last one is left for who serves.
        if (network.Mode != NetworkMode.Nat)
            taken.Add(new(subnet.Broadcast.Value - 1));
        foreach (var port in ports)
        {
            if (remembered.TryGetValue((network.Name, port), out var before) && IsIn(before) && taken.Add(before))
                given.Add((network.Name, port), before);
        }
        var known = leases.Of(network.Name).ToList();
        GiveNext(known);
        // What is only kept for somebody, who may never come back, is given when nothing else is left.
        GiveNext(known.Where(lease => lease.IsBound));

        void GiveNext(IEnumerable<LeaseLine> avoided)
        {
            var others = avoided.Select(lease => lease.Address).Concat(taken).ToHashSet();
            var next = range.First.Value;
            foreach (var port in ports.Where(port => !given.ContainsKey((network.Name, port))))
            {
                while (next <= range.Last.Value && others.Contains(new(next)))
                    next++;
                if (next > range.Last.Value)
                    return;
                taken.Add(new(next));
                given.Add((network.Name, port), new(next++));
            }
        }

        bool IsIn(Ipv4Address address) => address.Value >= range.First.Value && address.Value <= range.Last.Value;
    }

    /// <summary>A port that left its address to the network may have it still: it would be given it, and nobody else has it by the
    /// file.</summary>
    public static bool IsFree(Ipv4Address address, NetworkModel network, SwitchModel model) =>
        network is { Dhcp: { } dhcp, Subnet: { } subnet } && RangeOf(dhcp, subnet) is var range
            && address.Value >= range.First.Value && address.Value <= range.Last.Value
            && !TakenAddresses.ByOthers(network, model).Contains(address);

    private static AddressRange RangeOf(DhcpModel dhcp, Ipv4Subnet subnet) =>
        dhcp.Range ?? new(subnet.First, new(subnet.Broadcast.Value - 1));

    private static Dictionary<(string, string), Ipv4Address> Load(string folder, ref string? obstacle)
    {
        try
        {
            return PortAddressMemory.Load(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
            return [];
        }
    }

    private static void Save(string folder, IEnumerable<KeyValuePair<(string, string), Ipv4Address>> remembered, ref string? obstacle)
    {
        try
        {
            PortAddressMemory.Save(folder, remembered);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            obstacle = StateFile.Obstacle(e);
        }
    }
}
