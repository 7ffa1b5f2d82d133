using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Lab;

/// <summary>What this machine allows this process, found out by trying, in a namespace that is gone at once.</summary>
/// <param name="Rung">The best that works.</param>
/// <param name="Reason">Why not a better one; null: there is none.</param>
internal sealed record LabGround(LabRung Rung, string? Reason)
{
    /// <summary>As Ubuntu keeps it from 24.04 on.</summary>
    private static string Powerless =>
        $"a user namespace that is allowed nothing (EPERM): {Remedy.Here.Root}"
        + $"{NamespaceRefusal.SwitchFor("apparmor_restrict_unprivileged_userns", 0)}";

    /// <param name="inside">This is the program that was started in a user namespace of its own.</param>
    public static LabGround Explore(bool inside)
    {
        try
        {
            using var space = NetworkNamespace.CreateUnnamed();
            using (var links = new Links(space))
                links.CreateVethPair("near", null, "far", null);
            try
            {
                space.Run(static () => TapDevice.Open("probe").Dispose());
                return new(LabRung.Taps, null);
            }
            catch (SystemCallException e)
            {
                return new(LabRung.Veth, e.Message);
            }
        }
        catch (SystemCallException e)
        {
            // Root of a user namespace is refused nothing, unless a security module keeps it powerless.
            return new(LabRung.Memory, inside && e.ErrorName == "EPERM" ? Powerless : e.Message);
        }
    }

    /// <summary>The one line about it.</summary>
    /// <param name="who">As whom the lab ran.</param>
    public string Describe(string who) => Rung switch
    {
        LabRung.Taps => $"shown {who}, each guest in a network namespace on a tap",
        LabRung.Veth => $"shown {who}, each guest in a network namespace on a veth pair and not on a tap, because of {Reason}",
        LabRung.Memory =>
            $"shown in memory, because of {Reason}; not shown: taps and packet sockets, guests with a kernel of their own, the rate",
        _ => throw new InvalidOperationException($"no ground is like {Rung}"),
    };
}
