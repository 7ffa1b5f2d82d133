using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds forwards against the guests that they lead to, and against each other.</summary>
internal static class ForwardCheck
{
    /// <summary>A pool that is smaller isn't worth a proposal.</summary>
    private const int FewestPorts = 1000;

    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        var ports = config.Ports.ToDictionary(port => port.Model.Name);
        foreach (var network in config.Networks.Where(OutsideCheck.IsNat))
        {
            var reserved = network.Model.Dhcp?.Reservations.Select(reservation => reservation.Name).ToHashSet() ?? [];
            foreach (var (_, forward) in network.Places.Of(NatKeys.Forwards))
            {
                if (forward.Of(ForwardKeys.To) is { } to)
                    CheckTarget(to, forward.Of(ForwardKeys.From), network, reserved, ports, mistakes);
            }
        }
        foreach (var sharing in OutsideCheck.ByAddress(config))
        {
            Located<TransportPorts>[] ranges = [.. sharing.SelectMany(network => network.Places.Of(NatKeys.Forwards))
                .Select(forward => forward.Places.Of(ForwardKeys.From)).OfType<Located<TransportPorts>>()];
            foreach (var group in ranges.GroupBy(range => range.Value.Protocol))
                CheckRanges([.. group.OrderBy(from => from.Value.First).ThenBy(from => from.At)], mistakes);
            // On an address of its own everything but the pool would be nothing: there the pool gives way.
            if (sharing.Key is null)
                CheckPools(ranges, [.. sharing.Select(OutsideCheck.PoolOf).Distinct()], mistakes);
        }
    }

    private static void CheckPools(IReadOnlyList<Located<TransportPorts>> ranges, IReadOnlyList<PortPool> pools, MistakeList mistakes)
    {
        foreach (var range in ranges)
        {
            var inside = pools.Where(pool => pool.Overlaps(new(range.Value.First, range.Value.Last))).Take(1).ToList();
            if (inside.Count > 0)
                mistakes.Add(range.At, $"{range.Value} overlaps {inside[0]}, the ports of translated flows: forward from another port, "
                    + $"or write outside: {{ ports: {FreePool(ranges)} }}");
        }
    }

    /// <summary>A pool that no forward is in: the widest gap below the ports that the kernel chooses for the host itself, or above
    /// them.</summary>
    private static string FreePool(IReadOnlyList<Located<TransportPorts>> ranges)
    {
        foreach (var (first, last) in (ReadOnlySpan<(int, int)>)[(4096, 32767), (61000, 65535), (1024, 65535)])
        {
            var (next, widest) = (first, (First: first, Count: 0));
            foreach (var range in ranges.Select(range => range.Value)
                .Append(new(default, last + 1, last + 1)).OrderBy(range => range.First).Where(range => range.Last >= first))
            {
                if (int.Min(range.First, last + 1) - next > widest.Count)
                    widest = (next, int.Min(range.First, last + 1) - next);
                next = int.Max(next, range.Last + 1);
            }
            if (widest.Count >= FewestPorts)
                return $"{widest.First}-{widest.First + widest.Count - 1}";
        }
        return "…";
    }

    private static void CheckRanges(IReadOnlyList<Located<TransportPorts>> ranges, MistakeList mistakes)
    {
        var furthest = ranges[0];
        foreach (var range in ranges.Skip(1))
        {
            if (range.Value.First <= furthest.Value.Last)
            {
                var (first, second) = range.At.CompareTo(furthest.At) < 0 ? (range, furthest) : (furthest, range);
                mistakes.Add(second.At, $"{second.Value} is forwarded at {first.At} already: one forward a port");
            }
            if (range.Value.Last > furthest.Value.Last)
                furthest = range;
        }
    }

    private static void CheckTarget(Located<ForwardTarget> to, Located<TransportPorts>? from, Entry<NetworkModel> network,
        HashSet<string?> reserved,
        Dictionary<string, Entry<PortModel>> ports, MistakeList mistakes)
    {
        var host = to.Value.Host;
        if (from is { } range && range.Value.First != range.Value.Last && to.Value.Port is not null)
            mistakes.Add(to.At, $"a range of ports keeps its numbers: write {host} without a port");
        if (Ipv4Address.TryParse(host, out var address))
        {
            NetworkCheck.CheckInside("address", new(address, to.At), network, mistakes);
            if (NetworkCheck.GatewayOf(network) == address)
                mistakes.Add(to.At, $"{address} is the gateway's: forward to a guest");
            return;
        }
        if (reserved.Contains(host))
            return;
        if (!ports.TryGetValue(host, out var port))
            mistakes.Add(to.At, $"nobody is called {Shown.Quote(host)}: write the name of a port of network "
                + $"{Shown.Quote(network.Model.Name)}, or an address");
        else if (port.Places.Of(PortKeys.Network) is { } other && other.Value != network.Model.Name)
            mistakes.Add(to.At, $"port '{host}' is on network {Shown.Quote(other.Value)}, not on {Shown.Quote(network.Model.Name)}: "
                + "a forward leads into its own network");
    }
}
