using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>What becomes of each port of the file. Those that are in none of the lists stay as they are. Immutable.</summary>
/// <param name="Going">They are closed.</param>
/// <param name="Coming">They are opened.</param>
/// <param name="Moving">They stay open, and are in another network or another station there.</param>
/// <param name="Adapting">They stay where they are.</param>
internal sealed record PortPlan(
    IReadOnlyList<PortModel> Going, IReadOnlyList<PortModel> Coming, IReadOnlyList<NamedChange<PortModel>> Moving,
    IReadOnlyList<NamedChange<PortModel>> Adapting)
{
    /// <param name="difference">What is another.</param>
    /// <param name="before">What runs; null: nothing does.</param>
    public static PortPlan Of(ModelDifference difference, SwitchModel? before)
    {
        var remade = difference.Networks.Changed.Where(IsRemade).Select(change => change.After.Name).ToHashSet();
        var changed = difference.Ports.Changed.ToDictionary(change => change.After.Name);
        var gone = difference.Ports.Removed.Select(port => port.Name).ToHashSet();
        // A port stays where it is while its network becomes another under the same name.
        var left = (before?.Ports ?? []).Where(
            port => remade.Contains(port.Network) && !changed.ContainsKey(port.Name) && !gone.Contains(port.Name));
        var fates = changed.Values.Concat(left.Select(port => new NamedChange<PortModel>(port, port, [])))
            .ToLookup(change => PortFates.Of(change, remade.Contains(change.After.Network)));
        var replaced = fates[PortFate.IsReplaced];
        return new(
            [.. difference.Ports.Removed, .. replaced.Select(change => change.Before)],
            [.. difference.Ports.Added, .. replaced.Select(change => change.After)],
            [.. fates[PortFate.Moves]], [.. fates[PortFate.Adapts]]);
    }

    /// <summary>A network of another mode is another: it has nothing of what it was before but its ports.</summary>
    public static bool IsRemade(NamedChange<NetworkModel> change) => change.Before.Mode != change.After.Mode;
}
