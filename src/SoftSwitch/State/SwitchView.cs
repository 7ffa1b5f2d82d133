using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Attach;
using SoftSwitch.Cli;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbour;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;

namespace SoftSwitch.State;

/// <summary>The running switch as the API shows it: copies, made on the thread that asks, of words that others write.</summary>
internal sealed class SwitchView(RunningSwitch running) : ISwitchView
{
    public StatusView Status() => new(
        VersionAction.Version, Environment.ProcessId, running.Started, (long)(DateTimeOffset.UtcNow - running.Started).TotalSeconds,
        running.Model.Workers, Ready: true);

    public IReadOnlyList<NetworkView> Networks()
    {
        var ports = running.Ports.ToLookup(state => state.Bridge);
        return [.. running.Model.Networks.Select(network => View(network, ports[running.Bridges[network.Name]]))];
    }

    public IReadOnlyList<PortView> Ports()
    {
        running.PollKernelDropsSoon();
        return [.. running.Ports.Select(View)];
    }

    public IReadOnlyList<FdbEntryView> Fdb(FdbQuery query)
    {
        var entries = new List<(FdbKey Key, FdbEntry Entry)>();
        var stations = new List<FdbEntry>();
        var now = new Instant(Environment.TickCount64);
        var slots = running.Ports.Where(state => state.Membership is { Bridge: var bridge } && running.Bridges.GetValueOrDefault(state.Model.Network) == bridge)
            .Select(state => (Key: (state.Model.Network, state.Membership!.Slot), state.Model.Name))
            .Concat((running.Nat?.Networks ?? []).Select(nat => (Key: (nat.Model.Name, nat.Gateway.Membership!.Slot), nat.Gateway.Name)))
            .ToLookup(port => port.Key, port => port.Name);
        foreach (var (network, bridge) in running.Bridges)
        {
            if (query.Network is { } only && only != network)
                continue;
            stations.Clear();
            bridge.Fdb.CopyTo(stations, now);
            foreach (var station in stations)
            {
                var key = new FdbKey(network, station.Mac);
                if (query.After is { } after && key.CompareTo(after) <= 0)
                    continue;
                if (query.Port is null || slots[(network, station.Slot)].Contains(query.Port))
                    entries.Add((key, station));
            }
        }
        entries.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        return
        [
            .. entries.Take(query.Limit).Select(entry => new FdbEntryView(
                entry.Key.Network, entry.Key.Mac.ToString(), slots[(entry.Key.Network, entry.Entry.Slot)].FirstOrDefault() ?? "", entry.Entry.AgeSeconds, entry.Entry.IsStatic ? "static" : "dynamic")),
        ];
    }

    public FlowPiece Flows(FlowQuery query) => FlowList.Piece(running.Nat?.Outsides ?? [], query, new(Environment.TickCount64));

    public IReadOnlyList<NeighborView> Neighbors() => [.. (running.Nat?.Networks ?? []).SelectMany(Neighbors)];

    public IReadOnlyList<ForwardView> Forwards() => [.. ForwardList.Of(running, new(Environment.TickCount64))];

    public IReadOnlyList<DropView> Drops()
    {
        running.PollKernelDropsSoon();
        var views = new List<DropView>();
        foreach (var state in running.Ports)
        {
            var counters = state.Counters();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
            {
                Add(views, state.Model.Name, "in", reason, reason == DropReason.KernelQueueFull ? state.KernelDrops : counters.InDrops(reason));
                Add(views, state.Model.Name, "out", reason, counters.OutDrops(reason));
            }
        }
        foreach (var station in running.Nat?.Stations ?? [])
        {
            var counters = station.Total();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
                Add(views, station.Name, "in", reason, counters.InDrops(reason));
        }
        return views;
    }

    public string ConfigJson() => Config.ConfigJson.Write(running.Model);

    private static void Add(List<DropView> views, string port, string direction, DropReason reason, long count)
    {
        if (count != 0)
            views.Add(new(port, direction, reason.Name(), count, reason.Help()));
    }

    private NetworkView View(NetworkModel network, IEnumerable<PortState> states)
    {
        var fdb = running.Bridges[network.Name].Fdb;
        var counters = new PortCounters();
        var ports = 0;
        foreach (var state in states)
        {
            counters.Add(state.Counters());
            ports++;
        }
        if (running.Nat?.Networks.FirstOrDefault(nat => nat.Model == network) is { } translated)
            counters.Add(translated.Gateway.Total());
        return new(
            network.Name, network.Mode.Word(), network.Mtu, (long)network.Ageing.TotalSeconds, ports, fdb.Count,
            fdb.Moved, fdb.Evicted, fdb.Refused, counters.Copies, counters.Segments, counters.Checksums,
            network.Subnet?.ToString(), network.Gateway?.ToString(), network.HostInterface, Nat(network));
    }

    private NatView? Nat(NetworkModel network)
    {
        if (network.Nat is not { } nat || running.Nat?.Outsides.FirstOrDefault(outside => outside.Networks.Any(one => one.Model == network)) is not { } outside)
            return null;
        var counters = outside.Translators.Select(translator => translator.Counters).ToList();
        var waiting = outside.ForwardStatus.Where(forward => forward.Network == network.Name && forward.Target is null).Select(forward => forward.From).ToList();
        return new(outside.Interface, outside.Address?.ToString(), nat.Outside.Ports.ToString(), counters.Sum(one => one.Flows), counters.Sum(one => one.Mappings),
            counters.Sum(one => one.RefusedPorts + one.RefusedQuota + one.RefusedTable) + outside.FromHost.Refused,
            counters.Sum(one => one.GivenUp) + outside.FromHost.GivenUp, counters.Sum(one => one.Overlapped), waiting.Count > 0 ? waiting : null);
    }

    private IEnumerable<NeighborView> Neighbors(NatNetwork network)
    {
        var now = new Instant(Environment.TickCount64);
        var bridge = running.Bridges[network.Model.Name];
        var neighbors = new List<Neighbor>();
        network.Gateway.Neighbors.CopyTo(neighbors, now);
        var ports = running.Ports.Where(state => state.Membership?.Bridge == bridge).ToLookup(state => state.Membership!.Slot, state => state.Model.Name);
        foreach (var neighbor in neighbors)
        {
            var port = neighbor.Mac is { } mac ? ports[bridge.Fdb.Lookup(mac.Value, now)].FirstOrDefault() : null;
            yield return new(network.Model.Name, neighbor.Address.ToString(), neighbor.Mac?.ToString(), port, neighbor.State.ToString().ToLowerInvariant(), neighbor.AgeSeconds);
        }
    }

    private static PortView View(PortState state)
    {
        var counters = state.Counters();
        var (interfaceName, netns) = state.Model switch
        {
            TapModel tap => (tap.Interface, tap.Netns),
            VethModel veth => (veth.Interface, veth.Netns),
            GuestModel guest => (guest.Interface, null),
            NicModel nic => (nic.Interface, null),
            HostModel host => ((state.Endpoint as HostNeighbourEndpoint)?.HelperName ?? host.Interface, null),
            _ => (null, null),
        };
        return new(
            state.Model.Name, state.Model.Kind.Word(), state.Model.Network, state.Status.ToString().ToLowerInvariant(),
            (state.Model.GuestMac ?? state.Endpoint.Mac)?.ToString(), state.Model.Mtu,
            new(counters.InFrames, counters.InBytes, counters.InDropsTotal + state.KernelDrops),
            new(counters.OutFrames, counters.OutBytes, counters.OutDropsTotal),
            interfaceName, netns, state.Reason);
    }
}
