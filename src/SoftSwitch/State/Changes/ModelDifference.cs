using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>What has to become of what runs so that it is what a model says. Immutable, and lines for people.</summary>
/// <param name="Networks">Networks that come, go and change.</param>
/// <param name="Ports">Ports that come, go and change, of which those that move to another network have another <c>network</c>.</param>
/// <param name="Keys">What else of the file says something else.</param>
internal sealed record ModelDifference(
    NamedDifference<NetworkModel> Networks, NamedDifference<PortModel> Ports, IReadOnlyList<KeyChange> Keys)
{
    /// <param name="before">What runs; null: nothing does.</param>
    /// <param name="after">What is to run.</param>
    public static ModelDifference Between(SwitchModel? before, SwitchModel after) => new(
        NamedDifference<NetworkModel>.Between(before?.Networks ?? [], after.Networks, KeyChanges.Of),
        NamedDifference<PortModel>.Between(before?.Ports ?? [], after.Ports, KeyChanges.Of),
        before is null ? [] : KeyChanges.Of(before, after));

    /// <summary>The names of networks that come or change, and of those that ports come to, leave or change in. The others, and what they
    /// have, are what they were.</summary>
    public IReadOnlySet<string> TouchedNetworks { get; } =
        ((IEnumerable<string>)[
            .. Networks.Added.Select(network => network.Name),
            .. Networks.Changed.Select(change => change.After.Name),
            .. Ports.Added.Concat(Ports.Removed).Select(port => port.Network),
            .. Ports.Changed.SelectMany(change => (string[])[change.Before.Network, change.After.Network]),
        ]).ToHashSet();

    /// <summary>Ports as they are in networks that they leave.</summary>
    public IEnumerable<PortModel> Leaving => Ports.Removed.Concat(
        Ports.Changed.Where(change => change.Before.Network != change.After.Network).Select(change => change.Before));

    /// <summary>A line for each, the ones that go first.</summary>
    public IEnumerable<string> Lines =>
    [
        .. Ports.Removed.Select(port => $"- port {port.Name} ({port.Kind} in network {port.Network})"),
        .. Networks.Removed.Select(network => $"- network {network.Name} ({network.Mode.Word()})"),
        .. Keys.Select(key => $"~ {key}"),
        .. Networks.Changed.Select(change => $"~ network {change.After.Name}: {string.Join(", ", change.Keys)}"),
        .. Ports.Changed.Select(change => $"~ port {change.After.Name}: {string.Join(", ", change.Keys)}{Anew(change)}"),
        .. Networks.Added.Select(network => $"+ network {network.Name} ({network.Mode.Word()})"),
        .. Ports.Added.Select(port => $"+ port {port.Name} ({port.Kind} in network {port.Network}{Address(port)})"),
    ];

    private static string Anew(NamedChange<PortModel> change) =>
        PortFates.Of(change, isRemade: false) == PortFate.IsReplaced ? " (it is opened anew)" : "";

    /// <summary>One that was chosen is told to who asked for it.</summary>
    private static string Address(PortModel port) => port is InterfaceModel { Address: { } address } ? $", {address}" : "";

    public override string ToString() => string.Join('\n', Lines);
}
