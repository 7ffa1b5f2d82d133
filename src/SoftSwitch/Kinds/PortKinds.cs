using System.Runtime.CompilerServices;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.Kinds;

/// <summary>The kinds of ports, in the order of the table in the docs.</summary>
internal static class PortKinds
{
    public static IReadOnlyList<PortKind> All { get; } =
    [
        new TapKind(), new GuestKind(), new NicKind(), new VethKind(),
        UnbuiltKind.Macvtap, UnbuiltKind.Tun, UnbuiltKind.Bridge, UnbuiltKind.VhostUser, UnbuiltKind.Stream, UnbuiltKind.Dgram,
    ];

    /// <summary>What may be advised.</summary>
    public static IReadOnlyList<string> BuiltWords { get; } = [.. All.Where(kind => kind.IsBuilt).Select(kind => kind.Word)];

    /// <summary>Null where there is no such kind.</summary>
    public static PortKind? Find(string word) => All.FirstOrDefault(kind => kind.Word == word);

    /// <summary>The kind of a port that a file can name.</summary>
    public static PortKind Of(PortModel port) =>
        Find(port.Kind) ?? throw new ArgumentException($"a port of kind {port.Kind} is no file's", nameof(port));

    public static Endpoint Endpoint(PortModel port) => Of(port).Endpoint(port);

    /// <summary>The model with an address for every port that needs one and was given none.</summary>
    /// <param name="macs">What makes them.</param>
    /// <param name="model">As the file has it.</param>
    /// <param name="known">Ports with and without, from before: a port that is the same object without is the same with. Null: none are
    /// known.</param>
    public static SwitchModel Complete(
        this StationMacs macs, SwitchModel model, ConditionalWeakTable<PortModel, PortModel>? known = null) =>
        model with { Ports = [.. model.Ports.Select(port => known?.GetValue(port, macs.Complete) ?? macs.Complete(port))] };

    /// <summary>The port with a MAC address for its guest, where the switch or the user's virtual machine must be told one.</summary>
    public static PortModel Complete(this StationMacs macs, PortModel port) => Of(port).Complete(port, macs);
}
