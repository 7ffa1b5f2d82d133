using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>What the running switch may still do: make and change interfaces, open packet sockets, and enter namespaces only where a port
/// is in one.</summary>
internal static class Privilege
{
    /// <summary>What is kept; for the rest, see <see cref="Handover"/>.</summary>
    public static Capability[] Of(SwitchModel model)
    {
        List<Capability> kept = [Capability.NetAdmin, Capability.NetRaw];
        // Forwards of the host's address keep their ports, and low ports are privileged.
        if (model.Networks.Any(
            network => network.Nat is { Outside.SharesHost: true } nat && nat.Forwards.Any(forward => forward.From.First < 1024)))
            kept.Add(Capability.NetBindService);
        return [.. kept.Union(model.Ports.SelectMany(port => PortKinds.Of(port).Capabilities(port)))];
    }
}
