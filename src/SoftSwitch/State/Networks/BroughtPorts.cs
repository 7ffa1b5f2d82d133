using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>What becomes of the ports that modes bring to networks for the host. Those that are in none of the lists stay as they are, or
/// go with their uplinks.</summary>
/// <param name="Going">They are closed.</param>
/// <param name="Coming">They are opened.</param>
/// <param name="Adapting">They stay, and are otherwise.</param>
internal sealed record BroughtPorts(
    IReadOnlyList<PortState> Going, IReadOnlyList<PortModel> Coming, IReadOnlyList<(PortState Port, PortModel After)> Adapting)
{
    /// <param name="living">The networks that there are.</param>
    /// <param name="difference">What is another.</param>
    /// <param name="macs">What makes the addresses of stations.</param>
    public static BroughtPorts Of(IEnumerable<NetworkState> living, ModelDifference difference, StationMacs macs)
    {
        var (going, coming, adapting) = (new List<PortState>(), new List<PortModel>(), new List<(PortState, PortModel)>());
        var remade = difference.Networks.Changed.Where(PortPlan.IsRemade).Select(change => change.Before);
        var gone = difference.Networks.Removed.Concat(remade).Select(network => network.Name).ToHashSet();
        var taps = new Dictionary<string, PortState>();
        foreach (var network in living.Where(network => network.ModePorts.Count > 0))
        {
            if (gone.Contains(network.Model.Name))
                going.AddRange(network.ModePorts);
            else if (network.HostTap is { } tap)
                taps.Add(network.Model.Name, tap);
        }
        foreach (var network in difference.Networks.Added.Concat(difference.Networks.Changed.Select(change => change.After)))
        {
            var wanted = ModePorts.Of(network, macs).SingleOrDefault();
            var before = taps.GetValueOrDefault(network.Name);
            if (before is null && wanted is not null)
                coming.Add(wanted);
            else if (before is null || wanted is null || before.Model == wanted)
                continue;
            else if (before.Model with { Mtu = wanted.Mtu } == wanted)
                adapting.Add((before, wanted));
            else
            {
                going.Add(before);
                coming.Add(wanted);
            }
        }
        return new(going, coming, adapting);
    }
}
