using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Cli;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;
using SoftSwitch.State.Nat;

namespace SoftSwitch.State;

/// <summary>The running switch as the API shows it: made on the thread that asks, of what the switch has published.</summary>
/// <param name="look">Gives what there is now.</param>
internal sealed class SwitchView(Func<SwitchSnapshot> look) : ISwitchView
{
    public StatusView Status()
    {
        var snapshot = look();
        return new(
            VersionAction.Version, Environment.ProcessId, snapshot.Started, (long)(DateTimeOffset.UtcNow - snapshot.Started).TotalSeconds,
            snapshot.Model.Workers, Ready: true);
    }

    public IReadOnlyList<NetworkView> Networks()
    {
        var snapshot = look();
        var ports = snapshot.Ports.ToLookup(port => port.Bridge);
        return [.. snapshot.Networks.Select(network => View(network, snapshot, ports[network.Bridge]))];
    }

    public IReadOnlyList<PortView> Ports() => [.. look().Ports.Select(View)];

    public IReadOnlyList<FdbEntryView> Fdb(FdbQuery query)
    {
        var entries = new List<(FdbKey Key, FdbEntry Entry, Bridge Bridge)>();
        var stations = new List<FdbEntry>();
        var snapshot = look();
        var slots = snapshot.Ports.Select(port => (Place: (port.Bridge, port.Slot), port.Model.Name))
            .Concat(snapshot.Networks.Where(network => network.Gateway is not null).Select(network => (Place: (network.Bridge, network.Gateway!.Membership!.Slot), network.Gateway.Name)))
            .ToLookup(port => port.Place, port => port.Name);
        foreach (var (model, bridge, _) in snapshot.Networks)
        {
            if (query.Network is { } only && only != model.Name)
                continue;
            stations.Clear();
            bridge.Fdb.CopyTo(stations, snapshot.Now);
            foreach (var station in stations)
            {
                var key = new FdbKey(model.Name, station.Mac);
                if (query.After is { } after && key.CompareTo(after) <= 0)
                    continue;
                if (query.Port is null || slots[(bridge, station.Slot)].Contains(query.Port))
                    entries.Add((key, station, bridge));
            }
        }
        entries.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        return
        [
            .. entries.Take(query.Limit).Select(entry => new FdbEntryView(
                entry.Key.Network, entry.Key.Mac.ToString(), slots[(entry.Bridge, entry.Entry.Slot)].FirstOrDefault() ?? "", entry.Entry.AgeSeconds, entry.Entry.IsStatic ? "static" : "dynamic")),
        ];
    }

    public FlowPiece Flows(FlowQuery query) => FlowList.Piece(look(), query);

    public IReadOnlyList<NeighborView> Neighbors()
    {
        var snapshot = look();
        return [.. snapshot.Networks.Where(network => network.Gateway is not null).SelectMany(network => Neighbors(network, snapshot))];
    }

    public IReadOnlyList<ForwardView> Forwards() => [.. ForwardList.Of(look())];

    public IReadOnlyList<DropView> Drops()
    {
        var snapshot = look();
        var views = new List<DropView>();
        foreach (var port in snapshot.Ports)
        {
            var counters = port.Counters();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
            {
                Add(views, port.Model.Name, "in", reason, counters.InDrops(reason));
                Add(views, port.Model.Name, "out", reason, counters.OutDrops(reason));
            }
        }
        foreach (var station in snapshot.Networks.Select(network => network.Gateway).OfType<IpStation>().Concat(snapshot.Outsides.SelectMany(outside => outside.Stations)))
        {
            var counters = station.Total();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
                Add(views, station.Name, "in", reason, counters.InDrops(reason));
        }
        return views;
    }

    public string ConfigJson() => Config.ConfigJson.Write(look().Model);

    private static void Add(List<DropView> views, string port, string direction, DropReason reason, long count)
    {
        if (count != 0)
            views.Add(new(port, direction, reason.Name(), count, reason.Help()));
    }

    private static NetworkView View(NetworkSnapshot network, SwitchSnapshot snapshot, IEnumerable<PortSnapshot> ports)
    {
        var (model, fdb) = (network.Model, network.Bridge.Fdb);
        var counters = new PortCounters();
        var count = 0;
        foreach (var port in ports)
        {
            counters.Add(port.Counters());
            count++;
        }
        if (network.Gateway is { } gateway)
            counters.Add(gateway.Total());
        return new(
            model.Name, model.Mode.Word(), model.Mtu, (long)model.Ageing.TotalSeconds, count, fdb.Count,
            fdb.Moved, fdb.Evicted, fdb.Refused, counters.Copies, counters.Segments, counters.Checksums,
            model.Subnet?.ToString(), model.Gateway?.ToString(), model.HostInterface, Nat(model, snapshot));
    }

    private static NatView? Nat(NetworkModel network, SwitchSnapshot snapshot)
    {
        if (network.Nat is not { } nat || snapshot.Outsides.FirstOrDefault(outside => outside.Networks.Values.Contains(network.Name)) is not { } outside)
            return null;
        var counters = outside.Translators.Select(translator => translator.Counters).ToList();
        var waiting = outside.Forwards.Where(forward => forward.Network == network.Name && forward.Target is null).Select(forward => forward.From).ToList();
        return new(outside.Interface, outside.Address?.ToString(), nat.Outside.Ports.ToString(), counters.Sum(one => one.Flows), counters.Sum(one => one.Mappings),
            counters.Sum(one => one.RefusedPorts + one.RefusedQuota + one.RefusedTable) + outside.Refused,
            counters.Sum(one => one.GivenUp) + outside.GivenUp, counters.Sum(one => one.Overlapped), waiting.Count > 0 ? waiting : null);
    }

    private static IEnumerable<NeighborView> Neighbors(NetworkSnapshot network, SwitchSnapshot snapshot)
    {
        var neighbors = new List<Neighbor>();
        network.Gateway!.Neighbors.CopyTo(neighbors, snapshot.Now);
        var ports = snapshot.Ports.Where(port => port.Bridge == network.Bridge).ToLookup(port => port.Slot, port => port.Model.Name);
        foreach (var neighbor in neighbors)
        {
            var slot = neighbor.Mac is { } mac ? network.Bridge.Fdb.Lookup(mac.Value, snapshot.Now) : (ushort)0;
            var port = slot == 0 ? null : ports[slot].FirstOrDefault();
            yield return new(network.Model.Name, neighbor.Address.ToString(), neighbor.Mac?.ToString(), port, neighbor.State.ToString().ToLowerInvariant(), neighbor.AgeSeconds);
        }
    }

    private static PortView View(PortSnapshot port)
    {
        var counters = port.Counters();
        return new(
            port.Model.Name, port.Model.Kind.Word(), port.Model.Network, port.Status.ToString().ToLowerInvariant(), port.Mac?.ToString(), port.Model.Mtu,
            new(counters.InFrames, counters.InBytes, counters.InDropsTotal),
            new(counters.OutFrames, counters.OutBytes, counters.OutDropsTotal),
            port.Interface, port.Netns, port.Reason);
    }
}
