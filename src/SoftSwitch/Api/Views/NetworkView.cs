using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Model;
using SoftSwitch.State;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Api.Views;

/// <summary>A broadcast domain, and the books of its frames: in = out + drops, but for what the switch itself multiplied.</summary>
internal sealed record NetworkView(
    string Name, string Mode, int Mtu, long Ageing, int Ports, int Stations,
    long Moved, long Evicted, long Refused, long Copies, long Segments, long Checksums,
    string? Subnet = null, string? Gateway = null, string? Interface = null, NatView? Nat = null, string? Reason = null,
    string? Comment = null, string? Origin = null, DateTimeOffset? Expires = null)
{
    public static ApiObject<NetworkView> Members { get; } = new ApiObject<NetworkView>("Network")
        .Text("name", "Unique among networks.", network => network.Name)
        .Text("mode", "Whom its guests reach.", network => network.Mode, Words.NetworkModes.All)
        .Number("mtu", "Bytes above the Ethernet header.", network => network.Mtu)
        .Number("ageing", "Seconds after which a silent station is forgotten.", network => network.Ageing)
        .Number("ports", "How many ports it has.", network => network.Ports)
        .Number("stations", "How many stations are in its FDB.", network => network.Stations)
        .Number("moved", "Stations that were heard at another port than before.", network => network.Moved)
        .Number("evicted", "Stations that gave way to newer ones at a limit.", network => network.Evicted)
        .Number("refused", "Stations that were not learnt because no place could be made.", network => network.Refused)
        .Number("copies", "Frames that flooding added; and questions of the switch to stations, less their answers.",
            network => network.Copies)
        .Number("segments", "Frames that cutting super-frames added.", network => network.Segments)
        .Number("checksums", "Checksums that the switch completed because an output couldn't.", network => network.Checksums)
        .OptionalText("subnet", "The subnet of its addresses, where it has one.", network => network.Subnet)
        .OptionalText("gateway", "nat, host-only: the address of the gateway.", network => network.Gateway)
        .OptionalText("interface", "host-only: the interface on the host.", network => network.Interface)
        .OptionalObject("nat", "nat: what its translation has come to.", NatView.Members, network => network.Nat)
        .OptionalText("reason", "Why its ports wait.", network => network.Reason)
        .OptionalText("comment", "What the file says about it.", network => network.Comment)
        .OptionalText("origin", "Where it isn't as the file has it. run-time: it was made at run time; changed: keys of it were set then.",
            network => network.Origin)
        .OptionalTime("expires", "When it is as in the file again, where that was said.", network => network.Expires);

    public static IEnumerable<NetworkView> All(SwitchSnapshot snapshot)
    {
        var ports = snapshot.Ports.ToLookup(port => port.Bridge);
        return snapshot.Networks.Select(network => Of(network, snapshot, [.. ports[network.Bridge]]));
    }

    private static NetworkView Of(NetworkSnapshot network, SwitchSnapshot snapshot, IReadOnlyCollection<PortSnapshot> ports)
    {
        var (model, fdb) = (network.Model, network.Bridge.Fdb);
        var counters = new PortCounters();
        foreach (var port in ports)
            counters.Add(port.Counters());
        if (network.Station is { } station)
            counters.Add(station.Total());
        if (network.Bridge.Asker is { } asker)
        {
            var asked = asker.Total();
            counters.Copies += asked.InFrames - asked.InDropsTotal - asked.OutFrames - asked.OutDropsTotal;
        }
        var origin = snapshot.RunTime.OfNetwork(model.Name);
        return new(
            model.Name, model.Mode.Word(), model.Mtu, (long)model.Ageing.TotalSeconds, ports.Count,
            fdb.Count - (network.Bridge.Asker is null ? 0 : 1),
            fdb.Moved, fdb.Evicted, fdb.Refused, counters.Copies, counters.Segments, counters.Checksums,
            model.Subnet?.ToString(), model.Gateway?.ToString(), model.HostInterface, NatView.Of(network, snapshot), network.Obstacle,
            model.Comment, origin?.Origin, origin?.Expires);
    }
}
