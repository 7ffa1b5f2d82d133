using SoftSwitch.Config.Rows;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Keys;

/// <summary>The keys of a network that are about its translation.</summary>
internal sealed class NatKeys : Table<NatModel>
{
    public static readonly MapRow Outside = MapKey("outside", OutsideKeys.All, "a map such as { interface: auto, address: host }",
        nat => nat.Outside, (nat, outside) => nat with { Outside = outside },
        "where it meets the outside");

    public static readonly ScalarRow<Filtering> Filtering = Key("filtering", PlainScalars.OneOf(Words.Filterings),
        nat => nat.Filtering, (nat, filtering) => nat with { Filtering = filtering },
        "who may answer to a guest's outside port (RFC 4787, 5): `endpoint` anybody, `address` whom it sent to, "
            + "`address-and-port` only from the port it sent to");

    public static readonly MapRow Timeouts = MapKey("timeouts", TimeoutsKeys.All,
        "a map such as { udp: 300s, tcp: 7440s, tcp-transitory: 240s, icmp: 60s }",
        nat => nat.Timeouts, (nat, timeouts) => nat with { Timeouts = timeouts },
        "how long an idle flow lives (RFC 4787, 5382, 5508). A closed connection and an answered question to a well-known UDP port "
            + "have 10 s, what an outsider began and nobody finished 20 s");

    /// <summary>A flow takes about a cache line or two: at the limit a gigabyte or two.</summary>
    public static readonly ScalarRow<int> Flows = Key("flows", PlainScalars.Integer(2, NatModel.MaximumFlows),
        nat => nat.Flows, (nat, flows) => nat with { Flows = flows },
        "the most flows at a time; when the network is full, the guest with the most gives up one of its own for who has less");

    public static readonly ScalarRow<int> FlowsPerGuest = Key("flows-per-guest", PlainScalars.Integer(2, NatModel.MaximumFlows),
        nat => nat.FlowsPerGuest, (nat, flows) => nat with { FlowsPerGuest = flows },
        "the most flows of one guest, which is a port, at most half of the network's; at the limit who asks gives up the oldest of its "
            + "own that is worth least, never an established connection",
        otherwise: nat => Math.Min(NatModel.DefaultFlowsPerGuest, nat.Flows));

    /// <summary>TCP, UDP and ICMP have 65536 each.</summary>
    public static readonly ScalarRow<int> PortsPerGuest = Key("ports-per-guest", PlainScalars.Integer(1, 3 * 65536),
        nat => nat.PortsPerGuest, (nat, ports) => nat with { PortsPerGuest = ports },
        "the most outside ports of one guest's own, all protocols together, at most half of the pool; further flows share ports toward "
            + "other ends. No such limit toward the host");

    public static readonly ScalarRow<string> FlowLog = Key("flow-log", HostScalars.File,
        nat => nat.FlowLog, (nat, file) => nat with { FlowLog = file },
        "a file that gets a line when a flow begins and ends (with the switch at the latest): who, when, which outside port, and what the "
            + "guest is called. Made 0640 where it is missing, opened anew each second, so that it may be rotated; no symbolic link. What "
            + "can't be written is counted, there and in the log");

    public static readonly MapListRow<ForwardModel> Forwards = MapsKey("forwards", "a forward", ForwardKeys.All,
        "{ from: tcp/2222, to: \"web:22\" }", ForwardKeys.Blank,
        nat => nat.Forwards, (nat, forwards) => nat with { Forwards = forwards },
        "ports of the outside address that lead to guests. One forward a port, for all networks that share the host's address, or "
            + "each `on` another of its addresses; and outside the pool");

    public static readonly IReadOnlyList<Row> All = [Outside, Filtering, Timeouts, Flows, FlowsPerGuest, PortsPerGuest, FlowLog, Forwards];
}
