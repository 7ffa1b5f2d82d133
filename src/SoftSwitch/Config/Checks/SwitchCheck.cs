using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds the parts of a configuration against each other; what was refused while reading is null here and skipped.</summary>
internal static class SwitchCheck
{
    public static void Check(SwitchConfig config, MistakeList mistakes)
    {
        if (config.Cpus.Count > 0 && config.Cpus.Count < (config.Workers?.Value ?? 1))
            mistakes.Add(config.Workers!.At, $"{config.Workers.Value} workers but {config.Cpus.Count} in 'cpus': give each worker a processor");
        foreach (var network in config.Networks)
            NetworkCheck.Check(network, mistakes);
        CheckOverlap(config.Networks, mistakes);
        PortCheck.Check(config, mistakes);
        OutsideCheck.Check(config, mistakes);
        ForwardCheck.Check(config, mistakes);
        CheckUplinks(config, mistakes);
    }

    /// <summary>Two subnets are apart or one holds the other, so in the order of their addresses an overlap shows beside the widest before.</summary>
    private static void CheckOverlap(IReadOnlyList<NetworkConfig> networks, MistakeList mistakes)
    {
        NetworkConfig? widest = null;
        foreach (var network in networks.Where(one => one.Subnet is not null)
            .OrderBy(one => one.Subnet!.Value.Address).ThenBy(one => one.Subnet!.Value.PrefixLength))
        {
            if (widest is null || !widest.Subnet!.Value.Overlaps(network.Subnet!.Value))
            {
                widest = network;
                continue;
            }
            var (first, second) = widest.Subnet.At.CompareTo(network.Subnet.At) < 0 ? (widest, network) : (network, widest);
            mistakes.Add(second.Subnet!.At, $"subnet {second.Subnet.Value} overlaps {first.Subnet!.Value} of network {Shown.Quote(first.Name.Value)}: give each network its own");
        }
    }

    private static void CheckUplinks(SwitchConfig config, MistakeList mistakes)
    {
        // A port whose kind or network was refused may be the uplink that was meant.
        if (config.Ports.Any(port => port.Kind is null || port.Network is null))
            return;
        var connected = config.Ports.Where(port => port.Kind!.Value is PortKind.Nic or PortKind.Macvtap or PortKind.Bridge)
            .Select(port => port.Network!.Value).ToHashSet();
        foreach (var network in config.Networks)
        {
            if (network is { Mode.Value: NetworkMode.Bridged, HasUplink: false } && !connected.Contains(network.Name.Value))
                mistakes.Add(network.Name.At, $"network {Shown.Quote(network.Name.Value)} is bridged and has no way to the LAN: write uplink: and the name of a NIC, or add a port of kind nic");
        }
    }
}
