using SoftSwitch.Config;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>What of a difference can't be applied to a switch that runs: what takes a new start, and what takes rights that were given up
/// at the start.</summary>
internal static class WhileRunning
{
    /// <summary>Keys of the switch that go into what lives; the others take a start.</summary>
    private static readonly HashSet<string> s_ofSwitch = [SwitchKeys.Workers.Name, SwitchKeys.Cpus.Name, SwitchKeys.Poll.Name];

    /// <param name="difference">What is to change.</param>
    /// <param name="plan">What becomes of the ports.</param>
    /// <param name="brought">Ports that modes have brought, and that stay: no file names them.</param>
    /// <param name="lack">Why the switch can't use a right any more; null: it can.</param>
    /// <returns>In plain words, one for each thing; empty: all of it can be applied.</returns>
    public static IReadOnlyList<string> Obstacles(
        ModelDifference difference, PortPlan plan, IReadOnlyList<PortModel> brought, Func<Capability, string?> lack) =>
    [
        .. difference.Keys.Where(key => !s_ofSwitch.Contains(key.Key)).Select(key => $"{key}: it takes a new start of the switch"),
        .. Taken(difference, plan, brought),
        .. plan.Coming.SelectMany(port => Rights(port, lack)),
    ];

    /// <summary>What comes and wants the interface or the name of a port that a mode has brought and that stays. What goes makes room
    /// before (<see cref="Departures"/>).</summary>
    private static IEnumerable<string> Taken(ModelDifference difference, PortPlan plan, IReadOnlyList<PortModel> brought)
    {
        (string Subject, string? Name, InterfacePlace? Place)[] coming =
        [
            .. plan.Coming.Select(port => ($"port {port.Name}", port.Name, InterfacePlace.Of(port))),
            .. from network in difference.Networks.Added
               where network.HostInterface is not null
               select ($"network {network.Name}", (string?)null, new InterfacePlace(network.HostInterface!, null)),
        ];
        return
            from one in coming
            from other in brought
            let what = one.Place is not null && one.Place == InterfacePlace.Of(other) ? "interface"
                : one.Name == other.Name ? "name" : null
            where what is not null
            select $"{one.Subject}: its {what} is that of {(what == "name" ? "a port of " : "")}network {other.Network}, "
                + "which keeps it: give it another";
    }

    private static IEnumerable<string> Rights(PortModel port, Func<Capability, string?> lack) =>
        from capability in PortKinds.Of(port).Capabilities(port)
        let why = lack(capability)
        where why is not null
        select $"port {port.Name}: it takes {capability.Name()}, {why}";
}
