using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Lab;

/// <summary>The gateways, translators and outer ends of a lab's nat networks, on bridges in memory: those of a running switch, without a
/// host.</summary>
internal sealed class MemoryNat : IDisposable
{
    private readonly List<Napt> _translators = [];

    /// <param name="plan">Each of its nat networks has an outside address of its own.</param>
    /// <param name="bridges">By the name of the domain: the networks', and the wires' outside.</param>
    /// <param name="now">When it begins.</param>
    public MemoryNat(LabPlan plan, IReadOnlyDictionary<string, Bridge> bridges, Instant now)
    {
        var inside = plan.Model.Networks.Select(network => network.Subnet).OfType<Ipv4Subnet>().ToArray();
        foreach (var sharing in plan.Outsides.GroupBy(outside => (outside.Interface, outside.SeenAs)))
        {
            var (name, seenAs) = sharing.Key;
            var networks = sharing.Select((outside, policy) => new NatNetwork(
                plan.Model.Networks.Single(network => network.Name == outside.Network.Name),
                new Gateway($"{outside.Network.Name}.gateway", StationMacs.OfNames.Gateway(outside.Network.Name),
                    outside.Network.Gateway!.Value, outside.Network.Subnet!.Value, outside.Network.Mtu, workers: 1, policy))).ToList();
            var translator = new NaptOptionsOf(networks).Translator(seenAs.Address, isHost: false);
            _translators.Add(translator);
            foreach (var network in networks)
                translator.SetForwards(network.Policy, [.. Forwards(plan, network.Model, seenAs.Address)], now);
            var wire = plan.Wires.Single(wire => wire.Interface == name);
            var mac = StationMacs.OfNames.Outside(null, seenAs.Address);
            var station = new Outside($"{name}.out", mac, seenAs.Address, seenAs.Subnet, wire.Mtu, 1, translator,
                ownsAddress: true, Routes(sharing.First())) { Inside = new([.. networks.Select(network => network.Gateway)], []) };
            Attach(bridges[wire.Domain], station);
            foreach (var network in networks)
            {
                network.Gateway.Ways = new([station], null, [], inside);
                Attach(bridges[network.Model.Name], network.Gateway);
            }
        }
    }

    public void Dispose() => _translators.ForEach(translator => translator.Dispose());

    private static NextHops Routes(LabOutside outside) => new(
        outside.Far == outside.Router
            ? [(outside.SeenAs.Subnet, (Ipv4Address?)null)]
            : [(outside.SeenAs.Subnet, (Ipv4Address?)null), (new(default, 0), outside.Router)]);

    private static IEnumerable<NaptForward> Forwards(LabPlan plan, NetworkModel network, Ipv4Address seenAs)
    {
        foreach (var forward in network.Nat!.Forwards.Where(forward => forward.On is null || forward.On == seenAs))
        {
            if (plan.TargetOf(network, forward)?.Inside is { } target)
                yield return new(forward.From, target.Address, (ushort)forward.TargetPort);
        }
    }

    private static void Attach(Bridge bridge, InnerPort station)
    {
        bridge.SetUp(bridge.Attach(station), true);
    }
}
