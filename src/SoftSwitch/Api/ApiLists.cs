using System.Text.Json;
using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;
using SoftSwitch.Cli.Tables;
using SoftSwitch.State;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Api;

/// <summary>
/// The lists of the API, a row each. To add one, write what its items are and how they are found (a view, in Views) and its row here: it
/// then has its route, its part of /openapi.json, and `show` with help, options, completion and table.
/// </summary>
internal static class ApiLists
{
    public static ApiList<PortView> Ports { get; } = new("ports", PortView.Members)
    {
        Summary = "The ports, by name.",
        Help = "The ports: state, address, frames and bytes",
        Empty = "no ports yet",
        Examples = ["softswitch show ports --network dev", "softswitch show ports --watch"],
        Items = PortView.All,
        Key = port => port.Name,
        Filters = [new(ListFilter.Network, port => port.Network)],
        Table = new(
        [
            Column.Text("NAME"), Column.Text("NETWORK"), Column.Text("KIND"), Column.Text("STATE").Colored(ColorOfPort), Column.Text("MAC"),
            Column.Number("MTU"), Column.Number("IN FRAMES", "in.frames"), Column.Bytes("IN BYTES", "in.bytes"),
            Column.Number("OUT FRAMES", "out.frames"), Column.Bytes("OUT BYTES", "out.bytes"),
            new(">DROPS", DropsOfPort), Column.Text("ORIGIN").WhereKnown(), Column.Text("EXPIRES").WhereKnown(),
            Column.Sentences("REASON").WhereKnown(), Column.Sentences("COMMENT").WhereKnown(),
        ], "MTU", "OUT FRAMES", "IN FRAMES", "KIND", "OUT BYTES", "IN BYTES", "EXPIRES", "ORIGIN"),
    };

    public static ApiList<FdbEntryView> Fdb { get; } = new("fdb", FdbEntryView.Members)
    {
        Summary = "The stations that were heard, by network and address.",
        Help = "The stations that were heard, and behind which port",
        Empty = "no stations heard yet",
        Examples = ["softswitch show fdb --port vm1"],
        Pieces = FdbEntryView.Page,
        Filters = [new(ListFilter.Network), new(ListFilter.Port)],
        Table = new(
            [Column.Text("NETWORK"), Column.Text("MAC"), Column.Text("PORT"), Column.Seconds("AGE"), Column.Text("KIND")],
            "KIND", "AGE"),
    };

    public static ApiList<StationView> Stations { get; } = new("stations", StationView.Members)
    {
        Summary = "The stations that were heard and the IP addresses they use, by network and MAC address.",
        Help = "The stations that were heard, and their IP addresses",
        Empty = "no stations heard yet",
        Examples = ["softswitch show stations --network dev"],
        Pieces = StationView.Page,
        Filters = [new(ListFilter.Network), new(ListFilter.Port)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("PORT"), Column.Text("MAC"), Column.Texts("ADDRESSES"),
            Column.Text("NAME").WhereKnown(), Column.Seconds("AGE"),
        ], "AGE"),
    };

    public static ApiList<FlowView> Flows { get; } = new("flows", FlowView.Members)
    {
        Summary = "The translated conversations, in the order of the tables that hold them. "
            + "A page may have fewer items than limit, even none, and a next one all the same.",
        Help = "The translated conversations",
        Empty = "no flows",
        Examples = ["softswitch show flows --inside 10.10.0.5 --protocol tcp"],
        Pieces = FlowView.Page,
        Filters = [new(ListFilter.Network), new(ListFilter.Protocol), new(ListFilter.Inside)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("PROTOCOL"), Column.Text("INSIDE"), Column.Text("NAME").WhereKnown(),
            Column.Text("OUTSIDE"), Column.Text("REMOTE"), Column.Text("STATE"), Column.Seconds("AGE"), Column.Seconds("IDLE"),
        ], "AGE", "IDLE", "STATE", "NETWORK", "NAME"),
    };

    public static ApiList<NeighborView> Neighbors { get; } = new("neighbors", NeighborView.Members)
    {
        Summary = "The IPv4 addresses that gateways know, by network and address.",
        Help = "The addresses that gateways know, and where they are",
        Empty = "no neighbors known yet",
        Examples = ["softswitch show neighbors --network dev"],
        Items = NeighborView.All,
        Key = neighbor => neighbor.Key(),
        Filters = [new(ListFilter.Network, neighbor => neighbor.Network)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("ADDRESS"), Column.Text("NAME").WhereKnown(), Column.Text("MAC"), Column.Text("PORT"),
            Column.Text("STATE"), Column.Seconds("AGE"),
        ], "AGE"),
    };

    public static ApiList<LeaseView> Leases { get; } = new("leases", LeaseView.Members)
    {
        Summary = "The addresses that networks have given by DHCP, by network and address.",
        Help = "The addresses that guests were given, and for how long",
        Empty = "no leases",
        Examples = ["softswitch show leases --network dev", "softswitch show leases --format hosts"],
        HasHosts = true,
        Items = LeaseView.All,
        Key = lease => lease.Key(),
        Filters = [new(ListFilter.Network, lease => lease.Network)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("ADDRESS"), Column.Text("MAC"), Column.Text("PORT"), Column.Text("NAME").WhereKnown(),
            Column.Text("STATE"), Column.Text("EXPIRES"),
        ], "EXPIRES", "MAC"),
    };

    public static ApiList<NameView> Names { get; } = new("names", NameView.Members)
    {
        Summary = "The names that networks tell by DNS as their own, by network and address.",
        Help = "The names that guests are told by DNS, and whose they are",
        Empty = "no names",
        Examples = ["softswitch show names --network dev"],
        Items = NameView.All,
        Key = name => name.Key(),
        Filters = [new(ListFilter.Network, name => name.Network)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("NAME"), Column.Text("ADDRESS"), Column.Text("FULL"), Column.Text("SOURCE"),
        ], "SOURCE", "FULL"),
    };

    public static ApiList<ForwardView> Forwards { get; } = new("forwards", ForwardView.Members)
    {
        Summary = "The ports of outside addresses that lead to guests, by network, protocol and port.",
        Help = "The ports outside that lead to guests, and whether they work",
        Empty = "no forwards",
        Examples = ["softswitch show forwards --network dev"],
        Items = ForwardView.All,
        Key = forward => forward.Key(),
        Filters = [new(ListFilter.Network, forward => forward.Network)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("FROM"), Column.Text("TO"), Column.Text("OUTSIDE"), Column.Text("INSIDE"),
            Column.Text("STATE").Colored(state => state == "active" ? CellColor.Green : CellColor.Yellow),
            Column.Text("ORIGIN").WhereKnown(), Column.Text("EXPIRES").WhereKnown(), Column.Sentences("REASON").WhereKnown(),
        ], "OUTSIDE", "EXPIRES", "ORIGIN"),
    };

    public static ApiList<OutsideView> Outside { get; } = new("outside", OutsideView.Members)
    {
        Summary = "The ways out of nat networks, by network, interface and address.",
        Help = "The ways out of nat networks: interface, address, and why",
        Empty = "no nat networks",
        Examples = ["softswitch show outside --network dev"],
        Items = OutsideView.All,
        Key = way => way.Key(),
        Filters = [new(ListFilter.Network, way => way.Network)],
        Table = new(
        [
            Column.Text("NETWORK"), Column.Text("INTERFACE"), Column.Text("ADDRESS"),
            Column.Text("STATE").Colored(state => state == "open" ? CellColor.Green : CellColor.Yellow),
            Column.Number("FLOWS"), Column.Seconds("AGE"), Column.Sentences("WHY"),
        ]),
    };

    public static ApiList<DropView> Drops { get; } = new("drops", DropView.Members)
    {
        Summary = "Frames that did not get where they wanted, by port, direction and reason.",
        Help = "Frames that did not get where they wanted, and why",
        Empty = "no frames dropped",
        Examples = ["softswitch show drops --port vm1", "softswitch show drops --watch"],
        Items = DropView.All,
        Key = drop => $"{drop.Port}/{drop.Direction}/{drop.Reason}",
        Filters = [new(ListFilter.Port, drop => drop.Port)],
        Table = new(
        [
            Column.Text("PORT"), Column.Text("WAY", "direction"), Column.Text("REASON"), Column.Number("COUNT"), Column.Sentences("HELP"),
        ]),
    };

    public static ApiList<NetworkView> Networks { get; } = new("networks", NetworkView.Members)
    {
        Summary = "The networks, by name.",
        Help = "The networks: mode, addresses, ports, stations and flows",
        Empty = "no networks",
        Examples = ["softswitch show networks"],
        Items = NetworkView.All,
        Key = network => network.Name,
        Table = new(
        [
            Column.Text("NAME"), Column.Text("MODE"), Column.Number("MTU"), Column.Seconds("AGEING"), Column.Number("PORTS"),
            Column.Number("STATIONS"), Column.Text("SUBNET").WhereKnown(), Column.Text("GATEWAY").WhereKnown(),
            new Column("OUTSIDE", OutsideOfNetwork).WhereKnown(),
            Column.Number("FLOWS", "nat.flows").WhereKnown(), Column.Number("MAPPINGS", "nat.mappings").WhereKnown(),
            Column.Number("OVERLAPPED", "nat.overlapped").WhereKnown(), Column.Number("REFUSED", "nat.refused").WhereKnown(),
            Column.Texts("WAITING FORWARDS", "nat.waiting").WhereKnown(),
            Column.Text("ORIGIN").WhereKnown(), Column.Text("EXPIRES").WhereKnown(), Column.Sentences("REASON").WhereKnown(),
            Column.Sentences("COMMENT").WhereKnown(),
        ], "MAPPINGS", "OVERLAPPED", "AGEING", "MTU", "REFUSED", "STATIONS", "GATEWAY", "EXPIRES", "ORIGIN"),
    };

    public static ApiList<RunTimeOrigin> RunTime { get; } = new("run-time", RunTimeView.Members)
    {
        Summary = "What was made, changed or removed at run time: all that isn't as the file has it, by what it is and its name.",
        Help = "What was made, changed or removed at run time",
        Empty = "nothing was made at run time: what runs is what the file says",
        Examples = ["softswitch show run-time"],
        Items = snapshot => snapshot.RunTime.All,
        Key = one => $"{one.What} {one.Name}",
        Table = new(
        [
            Column.Text("WHAT"), Column.Text("NAME"), Column.Text("IS"), Column.Text("EXPIRES").WhereKnown(), Column.Sentences("KEYS"),
        ]),
    };

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<IApiList> All { get; } =
        [Ports, Fdb, Stations, Leases, Names, Flows, Neighbors, Forwards, Outside, Drops, Networks, RunTime];

    /// <summary>Networks beside other tables, in half the columns.</summary>
    public static TableLayout BriefNetworks { get; } = new(
    [
        Column.Text("NETWORK", "name"), Column.Text("MODE"), Column.Text("SUBNET").WhereKnown(),
        new Column("OUTSIDE", OutsideOfNetwork).WhereKnown(),
        Column.Number("PORTS"), Column.Number("STATIONS"), Column.Number("FLOWS", "nat.flows").WhereKnown(),
    ], "FLOWS", "STATIONS");

    /// <summary>Ports beside other tables, in half the columns.</summary>
    public static TableLayout BriefPorts { get; } = new(
    [
        Column.Text("PORT", "name"), Column.Text("NETWORK"), Column.Text("KIND"), Column.Text("STATE").Colored(ColorOfPort),
        Column.Text("MAC"), Column.Bytes("IN", "in.bytes"), Column.Bytes("OUT", "out.bytes"), new(">DROPS", DropsOfPort),
        Column.Sentences("REASON").WhereKnown(),
    ], "OUT", "IN", "KIND");

    private static CellColor ColorOfPort(string state) => PortStatusWords.Words.Of(state) switch
    {
        PortStatus.Up => CellColor.Green,
        PortStatus.Waiting => CellColor.Yellow,
        // A switch of another version may have more.
        PortStatus.Down or PortStatus.Failed or null => CellColor.Red,
        var unknown => throw new ArgumentOutOfRangeException(nameof(state), unknown, null),
    };

    private static Cell? DropsOfPort(JsonElement port) =>
        Column.Member(port, "in.drops")!.Value.GetInt64() + Column.Member(port, "out.drops")!.Value.GetInt64();

    /// <summary>What is beyond the gateway: of a nat network its place outside, of a host-only one the interface on the host.</summary>
    private static Cell? OutsideOfNetwork(JsonElement network)
    {
        if (Column.Member(network, "nat") is not { } nat)
            return Column.Member(network, "interface")?.GetString() is { } own ? new Cell(own) : (Cell?)null;
        return (Column.Member(nat, "address")?.GetString(), Column.Member(nat, "interface")?.GetString()) switch
        {
            (null, null) => "none",
            (null, { } name) => $"no address on {name}",
            ({ } address, null) => address,
            ({ } address, { } name) => $"{address} on {name}",
        };
    }
}
