using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds the parts of a configuration against each other; what was refused while reading is null here and skipped.</summary>
internal static class SwitchCheck
{
    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        CheckCpus(config, mistakes);
        CheckOverlap(config.Networks, mistakes);
        PortCheck.Check(config, mistakes);
        OutsideCheck.Check(config, mistakes);
        ForwardCheck.Check(config, mistakes);
        ReservationCheck.Check(config, mistakes);
        DnsCheck.Check(config, mistakes);
        CheckUplinks(config, mistakes);
    }

    private static void CheckCpus(SwitchEntry config, MistakeList mistakes)
    {
        var cpus = new FirstSeen<int>(mistakes);
        foreach (var cpu in config.Cpus)
            cpus.Add(cpu.Value, cpu.At,
                first => $"processor {cpu.Value} stands here a second time, the first is at {first}: give each worker its own");
        if (cpus.Count > 0 && config.Workers is { } workers && cpus.Count < workers.Value)
            mistakes.Add(workers.At, $"{workers.Value} workers but {cpus.Count} in 'cpus': give each worker a processor");
    }

    /// <summary>Two subnets are apart or one holds the other, so in the order of their addresses an overlap shows beside the widest
    /// before.</summary>
    private static void CheckOverlap(IReadOnlyList<Entry<NetworkModel>> networks, MistakeList mistakes)
    {
        (string Name, Ipv4Subnet Subnet, Position At)? widest = null;
        foreach (var network in networks.Where(one => one.Model.Subnet is not null)
            .Select(one => (one.Model.Name, Subnet: one.Places.Of(NetworkKeys.Subnet)))
            .Where(one => one.Subnet is not null)
            .Select(one => (one.Name, Subnet: one.Subnet!.Value, one.Subnet.At))
            .OrderBy(one => one.Subnet.Address).ThenBy(one => one.Subnet.PrefixLength))
        {
            if (widest is not { } before || !before.Subnet.Overlaps(network.Subnet))
            {
                widest = network;
                continue;
            }
            var (first, second) = before.At.CompareTo(network.At) < 0 ? (before, network) : (network, before);
            mistakes.Add(second.At,
                $"subnet {second.Subnet} overlaps {first.Subnet} of network {Shown.Quote(first.Name)}: give each network its own");
        }
    }

    private static void CheckUplinks(SwitchEntry config, MistakeList mistakes)
    {
        // A port whose kind or network was refused may be the uplink that was meant.
        if (config.Ports.Any(port => port.Places.Of(PortKeys.Kind) is null || port.Places.Of(PortKeys.Network) is null))
            return;
        var connected = config.Ports.Where(port => port.Places.Of(PortKeys.Kind)!.Value.LeadsToLan)
            .Select(port => port.Model.Network).ToHashSet();
        foreach (var (network, places) in config.Networks)
        {
            if (network.Mode == NetworkMode.Bridged && !places.Has(NetworkKeys.Uplink) && !connected.Contains(network.Name))
                mistakes.Add(places.At, $"network {Shown.Quote(network.Name)} is bridged and has no way to the LAN: write uplink: "
                    + "and the name of a NIC, or add a port of kind nic");
        }
    }
}
