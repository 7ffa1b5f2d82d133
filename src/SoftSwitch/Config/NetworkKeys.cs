using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Config;

/// <summary>The keys of a network, and which modes take each.</summary>
internal static class NetworkKeys
{
    private static readonly (string Key, NetworkMode[] Modes)[] Table =
    [
        ("mode", [NetworkMode.Internal, NetworkMode.Bridged, NetworkMode.Nat, NetworkMode.HostOnly]),
        ("mtu", [NetworkMode.Internal, NetworkMode.Bridged, NetworkMode.Nat, NetworkMode.HostOnly]),
        ("ageing", [NetworkMode.Internal, NetworkMode.Bridged, NetworkMode.Nat, NetworkMode.HostOnly]),
        ("uplink", [NetworkMode.Bridged]),
        ("subnet", [NetworkMode.Internal, NetworkMode.Nat, NetworkMode.HostOnly]),
        ("gateway", [NetworkMode.Nat, NetworkMode.HostOnly]),
        ("dhcp", [NetworkMode.Internal, NetworkMode.Nat, NetworkMode.HostOnly]),
        ("dns", [NetworkMode.Nat, NetworkMode.HostOnly]),
        ("outside", [NetworkMode.Nat]),
        ("filtering", [NetworkMode.Nat]),
        ("timeouts", [NetworkMode.Nat]),
        ("flows", [NetworkMode.Nat]),
        ("flows-per-guest", [NetworkMode.Nat]),
        ("ports-per-guest", [NetworkMode.Nat]),
        ("flow-log", [NetworkMode.Nat]),
        ("forwards", [NetworkMode.Nat]),
        ("host", [NetworkMode.HostOnly]),
    ];

    /// <summary>The keys of one mode, or of all where the mode isn't known.</summary>
    public static IReadOnlyList<string> Of(NetworkMode? mode) =>
        [.. Table.Where(row => mode is not { } one || row.Modes.Contains(one)).Select(row => row.Key)];

    /// <summary>Why a key is not one of this mode; null where no mode has it.</summary>
    public static string? Elsewhere(NetworkMode mode, string key)
    {
        var modes = Table.FirstOrDefault(row => row.Key == key).Modes;
        return modes is null ? null : $"is not for mode {mode.Word()}, only for {Shown.Or([.. modes.Select(other => other.Word())])}: leave it out";
    }
}
