using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>What a switch needs, and what it may still do while it runs: make and change interfaces, and open packet sockets. What takes
/// more (a namespace, a low port) is opened by its <see cref="Keeper"/>; only where that couldn't be started, the switch keeps for itself
/// what its file takes.</summary>
internal static class Privilege
{
    private static readonly Capability[] s_always = [Capability.NetAdmin, Capability.NetRaw];

    /// <summary>What each thread of the switch keeps, if no less; for the rest, see <see cref="Handover"/>.</summary>
    public static Capability[] Kept(SwitchModel model) => Keeper.Here is null ? Of(model) : s_always;

    /// <summary>Why the calling thread can't do now what takes a right; null: it can.</summary>
    public static string? Lack(Capability right) =>
        Capabilities.Has(right) || Keeper.Here?.Has(right) == true ? null
        : Keeper.Here is { IsGone: true } keeper ? $"and {keeper.Loss}" : "a right that was given up at the start";

    /// <summary>All that a file takes.</summary>
    public static Capability[] Of(SwitchModel model)
    {
        List<Capability> kept = [.. s_always];
        // Forwards of the host's address keep their ports, and low ports are privileged.
        if (model.Networks.Any(
            network => network.Nat is { Outside.SharesHost: true } nat && nat.Forwards.Any(forward => forward.From.First < 1024)))
            kept.Add(Capability.NetBindService);
        return [.. kept.Union(model.Ports.SelectMany(port => PortKinds.Of(port).Capabilities(port)))];
    }
}
