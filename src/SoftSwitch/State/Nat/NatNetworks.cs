using System.Globalization;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Which networks translate, by a model: those that live stay the ones they are, as long as no more than their translation is another. One
/// that is another for its guests (subnet, gateway) or outside (another place) is a new one under its name: another gateway, no flows.
/// </summary>
internal static class NatNetworks
{
    /// <param name="model">What is to run.</param>
    /// <param name="living">Those that live.</param>
    /// <param name="macs">What makes the addresses of gateways.</param>
    /// <returns>By the names of the networks, in the order of the file.</returns>
    public static OrderedDictionary<string, NatNetwork> Of(SwitchModel model, IEnumerable<NatNetwork> living, StationMacs macs)
    {
        var before = living.ToDictionary(network => network.Model.Name);
        var networks = new OrderedDictionary<string, NatNetwork>();
        foreach (var outside in model.Networks.Where(network => network.Mode == NetworkMode.Nat).GroupBy(OutsidePlace.Of))
        {
            NatNetwork?[] stay = [.. from network in outside
                let one = before.GetValueOrDefault(network.Name)
                select one?.Is(network) == true ? one : null];
            var numbers = Free(stay.OfType<NatNetwork>(), before.Values.Where(network => network.Place == outside.Key)).GetEnumerator();
            foreach (var (network, one) in outside.Zip(stay))
                networks.Add(network.Name, one ?? New(network, Next(numbers)));
        }
        return networks;

        NatNetwork New(NetworkModel network, int policy) => new(network, new(
            string.Create(CultureInfo.InvariantCulture, $"{network.Name}.gateway"), macs.Gateway(network.Name),
            network.Gateway!.Value, network.Subnet!.Value, network.Mtu, model.Workers, policy));
    }

    /// <summary>Numbers for those that come: first those that nobody has now, then those of who goes.</summary>
    private static IEnumerable<int> Free(IEnumerable<NatNetwork> staying, IEnumerable<NatNetwork> before)
    {
        var (stay, were) = (staying.Select(network => network.Policy).ToHashSet(), before.Select(network => network.Policy).ToHashSet());
        var free = Enumerable.Range(0, NatModel.MaximumNetworks).Where(number => !stay.Contains(number)).ToArray();
        return free.Where(number => !were.Contains(number)).Concat(free.Where(were.Contains));
    }

    private static int Next(IEnumerator<int> numbers) =>
        numbers.MoveNext() ? numbers.Current : throw new InvalidOperationException("more networks share an outside than have numbers");
}
