using SoftSwitch.Config.Checks;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Writing;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>The keys at the top of the file.</summary>
internal sealed class SwitchKeys : Table<SwitchModel>
{
    public static readonly NamedRow<NetworkModel> Networks = new("networks", "network", "name: { mode: internal }", NetworkKeys.All,
        NetworkKeys.Read, static _ => static entry => entry.Model, _ => NetworkKeys.Write,
        model => ((SwitchModel)model).Networks, (model, networks) => (SwitchModel)model with { Networks = [.. networks] },
        "the broadcast domains") { Need = "networks: { lan: { mode: internal } }", Check = NetworkCheck.Check };

    public static readonly NamedRow<PortModel> Ports = new("ports", "port", "name: { network: lan, kind: tap }", PortKeys.All,
        PortKeys.Read, model => PortKeys.Filler(((SwitchModel)model).Networks), model => PortKeys.Writer(((SwitchModel)model).Networks),
        model => ((SwitchModel)model).Ports.Where(port => port is not NicModel { IsUplink: true }),
        (model, ports) => (SwitchModel)model with { Ports = [.. ports] },
        "what is attached to them");

    public static readonly ScalarRow<int> Workers = Key("workers", PlainScalars.Integer(1, SwitchModel.MostWorkers),
        model => model.Workers, (model, workers) => model with { Workers = workers },
        "forwarding threads");

    /// <summary>CPU_SETSIZE (sched.h) processors.</summary>
    public static readonly ScalarListRow<int> Cpus = ListKey("cpus",
        PlainScalars.Integer(0, 1023), "a list of processor numbers such as [1, 3]",
        model => model.Cpus, (model, cpus) => model with { Cpus = cpus },
        "a list of processors, such as `[1, 3]`: pins each thread to one") with { Otherwise = "none" };

    public static readonly ScalarRow<PollMode> Poll = Key("poll", PlainScalars.OneOf(Words.PollModes),
        model => model.Poll, (model, poll) => model with { Poll = poll },
        "`adaptive`, or `always` for processors with nothing else to do");

    public static readonly ScalarRow<string> Listen = Key("listen", HostScalars.Listen,
        model => model.Listen, (model, listen) => model with { Listen = listen },
        "a loopback address and port, such as `127.0.0.1:8080`, where the API answers too, for who has the token") with
    {
        Otherwise = "off",
    };

    public static readonly ScalarRow<string> State = Key("state", HostScalars.Folder,
        model => model.State, (model, folder) => model with { State = folder },
        "the folder for what must survive: the subnets that were chosen, the secret (`salt`) that MAC addresses are made from, leases, and "
            + "the addresses that guests were last known by. A copy of it belongs to one machine only") with
    {
        Otherwise = "`/var/lib/softswitch`; not root's: `$XDG_STATE_HOME/softswitch` or `~/.local/state/softswitch`",
    };

    /// <summary>In the order in which they are read: ports depend on networks.</summary>
    public static readonly IReadOnlyList<Row> All = [Networks, Ports, Workers, Cpus, Poll, Listen, State];

    public static SwitchModel Blank => new() { Networks = [], Ports = [] };

    /// <summary>The model as it is written. Long maps come last: they would hide what stands behind them.</summary>
    public static WrittenMap Write(SwitchModel model) => All.OrderBy(row => row.Shape == RowShape.Names).ToArray().Write(model, Blank);
}
