using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Config;

/// <summary>The keys of a port: those of every kind, and those a kind adds or can't do without.</summary>
internal static class PortKeys
{
    private static readonly string[] All = ["network", "kind", "mac", "mtu"];

    private static readonly (PortKind Kind, string[] Keys, string[] Needed)[] Table =
    [
        (PortKind.Tap, ["interface", "netns", "address"], []),
        (PortKind.Guest, ["interface", "owner"], []),
        (PortKind.Nic, ["interface"], []),
        (PortKind.Veth, ["interface", "netns", "address"], ["netns"]),
        (PortKind.Macvtap, ["parent", "type"], ["parent"]),
        (PortKind.Tun, ["interface", "netns", "address"], []),
        (PortKind.Bridge, ["bridge"], ["bridge"]),
        (PortKind.VhostUser, ["socket", "role", "queues"], ["socket"]),
        (PortKind.Stream, ["listen", "connect"], []),
        (PortKind.Dgram, ["local", "remote"], ["local", "remote"]),
    ];

    /// <summary>The keys of one kind, or of all where the kind isn't known.</summary>
    public static IReadOnlyList<string> Of(PortKind? kind) =>
        [.. All, .. Table.Where(row => kind is not { } one || row.Kind == one).SelectMany(row => row.Keys).Distinct()];

    public static IReadOnlyList<string> NeededBy(PortKind kind) => Table.First(row => row.Kind == kind).Needed;

    /// <summary>Why a key is not one of this kind; null where no kind has it.</summary>
    public static string? Elsewhere(PortKind kind, string key)
    {
        string[] kinds = [.. Table.Where(row => row.Keys.Contains(key)).Select(row => row.Kind.Word())];
        return kinds.Length == 0 ? null : $"is not for kind {kind.Word()}, only for {Shown.Or(kinds)}: leave it out";
    }
}
