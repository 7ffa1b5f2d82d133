using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Cli;
using SoftSwitch.Config;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>The running switch as the API shows it: copies, made on the thread that asks, of words that others write.</summary>
internal sealed class SwitchView(RunningSwitch running) : ISwitchView
{
    public StatusView Status() => new(
        VersionAction.Version, Environment.ProcessId, running.Started, (long)(DateTimeOffset.UtcNow - running.Started).TotalSeconds,
        running.Model.Workers, Ready: true);

    public IReadOnlyList<NetworkView> Networks() =>
    [
        .. running.Model.Networks.Select(View),
    ];

    public IReadOnlyList<PortView> Ports() => [.. running.Ports.Select(View)];

    public IReadOnlyList<FdbEntryView> Fdb(FdbQuery query)
    {
        var entries = new List<(FdbKey Key, FdbEntry Entry)>();
        var stations = new List<FdbEntry>();
        var now = new Instant(Environment.TickCount64);
        var slots = running.Ports.Where(state => state.Port?.Bridge is not null)
            .ToLookup(state => (state.Model.Network, state.Port!.Slot), state => state.Model.Name);
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
                entry.Key.Network, entry.Key.Mac.ToString(), slots[(entry.Key.Network, entry.Entry.Slot)].FirstOrDefault() ?? "", entry.Entry.AgeSeconds, "dynamic")),
        ];
    }

    public FlowPiece Flows(FlowQuery query) => new([], null);

    public IReadOnlyList<NeighborView> Neighbors() => [];

    public IReadOnlyList<DropView> Drops()
    {
        var views = new List<DropView>();
        foreach (var state in running.Ports)
        {
            var counters = state.Counters();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
            {
                Add(views, state, "in", reason, reason == DropReason.KernelQueueFull ? state.KernelDrops : counters.InDrops(reason));
                Add(views, state, "out", reason, counters.OutDrops(reason));
            }
        }
        return views;
    }

    public string ConfigJson() => Config.ConfigJson.Write(running.Model);

    private static void Add(List<DropView> views, PortState state, string direction, DropReason reason, long count)
    {
        if (count != 0)
            views.Add(new(state.Model.Name, direction, reason.Name(), count, reason.Help()));
    }

    private NetworkView View(NetworkModel network)
    {
        var fdb = running.Bridges[network.Name].Fdb;
        var counters = new PortCounters();
        var ports = 0;
        foreach (var state in running.Ports.Where(state => state.Model.Network == network.Name))
        {
            counters.Add(state.Counters());
            ports++;
        }
        return new(
            network.Name, network.Mode.Word(), network.Mtu, (long)network.Ageing.TotalSeconds, ports, fdb.Count,
            fdb.Moved, fdb.Evicted, fdb.Refused, counters.Copies, counters.Segments, counters.Checksums);
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
            _ => (null, null),
        };
        return new(
            state.Model.Name, state.Model.Kind.Word(), state.Model.Network, state.Status.ToString().ToLowerInvariant(),
            (state.Model.Mac ?? state.Attachment.Mac)?.ToString(), state.Model.Mtu,
            new(counters.InFrames, counters.InBytes, counters.InDropsTotal + state.KernelDrops),
            new(counters.OutFrames, counters.OutBytes, counters.OutDropsTotal),
            interfaceName, netns, state.Reason);
    }
}
