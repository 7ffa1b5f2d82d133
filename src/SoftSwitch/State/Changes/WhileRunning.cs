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
        NamedKeys.Comment.Name, NetworkKeys.Ageing.Name,
        NatKeys.Filtering.Name, NatKeys.Timeouts.Name, NatKeys.FlowsPerGuest.Name, NatKeys.PortsPerGuest.Name,
    ];

    /// <inheritdoc cref="s_ofNetworks"/>
    private static readonly HashSet<string> s_ofPorts = [NamedKeys.Comment.Name];

    /// <param name="difference">What is to change.</param>
    /// <param name="has">Whether the caller may still use a right.</param>
    /// <returns>In plain words, one for each thing; empty: all of it can be applied.</returns>
    public static IReadOnlyList<string> Obstacles(ModelDifference difference, Func<Capability, bool> has) =>
    [
        .. difference.Keys.Select(key => key.ToString()),
        .. difference.Networks.Added.Where(IsTranslated).Select(network => $"network {network.Name}: it is new and of mode nat"),
        .. difference.Networks.Removed.Where(IsTranslated).Select(network => $"network {network.Name}: it goes and is of mode nat"),
        .. Keys("network", difference.Networks, s_ofNetworks),
        .. Keys("port", difference.Ports, s_ofPorts),
        .. difference.Ports.Added.SelectMany(port => Interfaces(port, difference.Ports.Removed)),
        .. difference.Ports.Added.SelectMany(port => Rights(port, has)),
    ];

    private static bool IsTranslated(NetworkModel network) => network.Mode == NetworkMode.Nat;

    private static IEnumerable<string> Keys<T>(string noun, NamedDifference<T> difference, HashSet<string> live) where T : NamedModel =>
        from change in difference.Changed
        from key in change.Keys
        where !live.Contains(key.Key)
        select $"{noun} {change.After.Name}: {key}";

    /// <summary>All that comes is opened before anything goes, so that nothing has gone where something can't come.</summary>
    private static IEnumerable<string> Interfaces(PortModel port, IEnumerable<PortModel> removed) =>
        from other in removed
        where port is InterfaceModel mine && other is InterfaceModel theirs
            && (mine.Interface, mine.Netns) == (theirs.Interface, theirs.Netns)
        select $"port {port.Name}: its interface is that of port {other.Name}, which has it until it has gone: remove that first";

    private static IEnumerable<string> Rights(PortModel port, Func<Capability, bool> has) =>
        from capability in PortKinds.Of(port).Capabilities(port)
        where !has(capability)
        select $"port {port.Name}: it takes {capability.Name()}, a right that was given up at the start";
}
