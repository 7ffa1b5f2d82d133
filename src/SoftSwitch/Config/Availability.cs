using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>
/// What of the language is built by now. All of it is read and checked; what is not built is refused here, and nowhere else.
/// A mode or kind that gets built is added to its list; a key that gets built loses its line in <see cref="Check"/>.
/// </summary>
internal static class Availability
{
    private static readonly NetworkMode[] Modes = [NetworkMode.Internal, NetworkMode.Bridged];

    private static readonly PortKind[] Kinds = [PortKind.Tap, PortKind.Guest, PortKind.Nic, PortKind.Veth];

    public static void Check(SwitchConfig config, MistakeList mistakes)
    {
        foreach (var network in config.Networks)
        {
            if (network.Mode is { } mode && !Modes.Contains(mode.Value))
                mistakes.Add(mode.At, $"mode '{mode.Value.Word()}' is not available yet (available: {string.Join(", ", Modes.Select(one => one.Word()))})");
            else if (network is { Mode.Value: NetworkMode.Internal, Dhcp: { Off: false } dhcp })
                mistakes.Add(dhcp.At, "'dhcp' on an internal network is not available yet: leave it out");
        }
        foreach (var port in config.Ports)
        {
            if (port.Kind is { } kind && !Kinds.Contains(kind.Value))
                mistakes.Add(kind.At, $"kind '{kind.Value.Word()}' is not available yet (available: {string.Join(", ", Kinds.Select(one => one.Word()))})");
        }
        if (config.Listen is { } listen)
            mistakes.Add(listen.At, "'listen' is not available yet: leave it out");
    }
}
