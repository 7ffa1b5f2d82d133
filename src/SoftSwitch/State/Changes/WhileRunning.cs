using SoftSwitch.Config.Keys;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>What of a difference can't be applied to a switch that runs: what takes a new start so far, and what takes rights that were
/// given up at the start.</summary>
internal static class WhileRunning
{
    /// <summary>Keys whose new value goes into what lives; any other takes a start.</summary>
    private static readonly HashSet<string> s_ofNetworks =
    [
        NamedKeys.Comment.Name, NetworkKeys.Ageing.Name, NetworkKeys.ControlFrames.Name, NetworkKeys.Arp.Name, NetworkKeys.Guard.Name,
        NetworkKeys.Dhcp.Name, NetworkKeys.Dns.Name, NetworkKeys.Domain.Name,
        NatKeys.Filtering.Name, NatKeys.Timeouts.Name, NatKeys.FlowsPerGuest.Name, NatKeys.PortsPerGuest.Name,
    ];

    /// <inheritdoc cref="s_ofNetworks"/>
    private static readonly HashSet<string> s_ofPorts = [NamedKeys.Comment.Name, PortKeys.FloodLimit.Name, PortKeys.Guard.Name];

    /// <param name="difference">What is to change.</param>
    /// <param name="brought">The ports that modes have brought: no file names them.</param>
    /// <param name="lack">Why the switch can't use a right any more; null: it can.</param>
    /// <returns>In plain words, one for each thing; empty: all of it can be applied.</returns>
    public static IReadOnlyList<string> Obstacles(
        ModelDifference difference, IReadOnlyList<PortModel> brought, Func<Capability, string?> lack) =>
    [
        .. difference.Keys.Select(key => key.ToString()),
        .. difference.Networks.Added.Where(IsTranslated).Select(network => $"network {network.Name}: it is new and of mode nat"),
        .. difference.Networks.Removed.Where(IsTranslated).Select(network => $"network {network.Name}: it goes and is of mode nat"),
        .. Keys("network", difference.Networks, s_ofNetworks),
        .. Keys("port", difference.Ports, s_ofPorts),
        .. Taken(difference, brought),
        .. difference.Ports.Added.SelectMany(port => Rights(port, lack)),
    ];

    private static bool IsTranslated(NetworkModel network) => network.Mode == NetworkMode.Nat;

    private static IEnumerable<string> Keys<T>(string noun, NamedDifference<T> difference, HashSet<string> live) where T : NamedModel =>
        from change in difference.Changed
        from key in change.Keys
        where !live.Contains(key.Key)
        select $"{noun} {change.After.Name}: {key}";

    /// <summary>What comes and wants the interface or the name of a port that is there. All that comes is opened before anything goes, so
    /// that nothing has gone where something can't come.</summary>
    private static IEnumerable<string> Taken(ModelDifference difference, IReadOnlyList<PortModel> brought)
    {
        var going = difference.Networks.Removed.Select(network => network.Name).ToHashSet();
        (PortModel Port, string Owner, bool Goes)[] there =
        [
            .. difference.Ports.Removed.Select(port => (port, $"port {port.Name}", true)),
            .. brought.Select(port => (port, $"network {port.Network}", going.Contains(port.Network))),
        ];
        (string Subject, string? Name, InterfacePlace? Place)[] coming =
        [
            .. difference.Ports.Added.Select(port => ($"port {port.Name}", port.Name, InterfacePlace.Of(port))),
            .. from network in difference.Networks.Added
               where network.HostInterface is not null
               select ($"network {network.Name}", (string?)null, new InterfacePlace(network.HostInterface!, null)),
        ];
        return
            from one in coming
            from other in there
            let what = one.Place is not null && one.Place == InterfacePlace.Of(other.Port) ? "interface"
                : one.Name == other.Port.Name ? "name" : null
            where what is not null
            select $"{one.Subject}: its {what} is that of {(what == "name" ? "a port of " : "")}{other.Owner}, "
                + (other.Goes ? "which has it until it has gone: remove that first" : "which keeps it: give it another");
    }

    private static IEnumerable<string> Rights(PortModel port, Func<Capability, string?> lack) =>
        from capability in PortKinds.Of(port).Capabilities(port)
        let why = lack(capability)
        where why is not null
        select $"port {port.Name}: it takes {capability.Name()}, {why}";
}
