using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

/// <summary>Holds forwards against those they lead to, and against each other.</summary>
internal static class ForwardCheck
{
    public static void Check(SwitchConfig config, MistakeList mistakes)
    {
        var ports = config.Ports.ToDictionary(port => port.Name.Value);
        List<(string Outside, Located<PortRange> From)> taken = [];
        foreach (var network in config.Networks.Where(one => one.Mode?.Value == NetworkMode.Nat))
        {
            // Networks that share the host's address share its ports.
            var own = network.Outside is { Dhcp: true } or { Address: not null } or { AddressRefused: true };
            var reserved = network.Dhcp?.Reservations.Select(reservation => reservation.Name?.Value).ToHashSet() ?? [];
            foreach (var forward in network.Forwards)
            {
                if (forward.To is { } to)
                    CheckTarget(to, forward.From, network, reserved, ports, mistakes);
                if (forward.From is { } from)
                    taken.Add((own ? network.Name.Value : "", from));
            }
        }
        foreach (var group in taken.GroupBy(one => (one.Outside, one.From.Value.Protocol)))
            CheckRanges([.. group.Select(one => one.From).OrderBy(from => from.Value.First).ThenBy(from => from.At)], mistakes);
    }

    private static void CheckRanges(IReadOnlyList<Located<PortRange>> ranges, MistakeList mistakes)
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

    private static void CheckTarget(Located<ForwardTarget> to, Located<PortRange>? from, NetworkConfig network, HashSet<string?> reserved,
        Dictionary<string, PortConfig> ports, MistakeList mistakes)
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
            mistakes.Add(to.At, $"nobody is called {Shown.Quote(host)}: write the name of a reservation or port of network {Shown.Quote(network.Name.Value)}, or an address");
        else if (port.Network is { } other && other.Value != network.Name.Value)
            mistakes.Add(to.At, $"port '{host}' is on network {Shown.Quote(other.Value)}, not on {Shown.Quote(network.Name.Value)}: a forward leads into its own network");
    }
}
