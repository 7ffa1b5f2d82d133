using SoftSwitch.Linux;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>What the running switch may still do: make and change interfaces, open packet sockets, and enter namespaces only where a port is in one.</summary>
internal static class Privilege
{
    /// <summary>What is kept; for the rest, see <see cref="Handover"/>.</summary>
    public static Capability[] Of(SwitchModel model)
    {
        var netns = model.Ports.Select(port => port switch
        {
            TapModel tap => tap.Netns,
            VethModel veth => veth.Netns,
            _ => null,
        }).OfType<string>().ToArray();
        List<Capability> kept = [Capability.NetAdmin, Capability.NetRaw];
        // Forwards of the host's address are listened on, and low ports are privileged.
        if (model.Networks.Any(network => network.Nat is { Outside.Address: null } nat && nat.Forwards.Any(forward => forward.First < 1024)))
            kept.Add(Capability.NetBindService);
        // A veth port's own end is in a namespace of its own.
        if (netns.Length > 0)
            kept.Add(Capability.SysAdmin);
        // The namespace of another process is its business: reading it takes the right to trace it.
        if (netns.Any(text => text.StartsWith("/proc/", StringComparison.Ordinal) || text.All(char.IsAsciiDigit)))
            kept.Add(Capability.SysPtrace);
        return [.. kept];
    }
}
