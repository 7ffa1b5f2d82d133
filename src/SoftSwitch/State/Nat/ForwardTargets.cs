using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Where the forwards of some networks lead. One to an address is certain; one to a port leads to the address of the port, where the file gives it one, and
/// otherwise to who is heard behind it: the neighbor of the gateway whose station the bridge has there. Who was heard once stays the target, however silent, until it is
/// another that is heard in its place: a server that only waits says nothing. Used by the control loop alone, but for what the API reads.
/// </summary>
internal sealed class ForwardTargets(RunningSwitch running, IReadOnlyList<NatNetwork> networks)
{
    private readonly List<Neighbor> _neighbors = [];
    private readonly Dictionary<string, Ipv4Address> _heard = [];
    // Replaced whole: the API reads it while the control loop looks for others.
    private volatile List<NaptForward>[] _resolved = [.. networks.Select(network => Certain(running, network))];

    /// <summary>Where the forwards of a network lead; those that lead nowhere yet are left out. For any thread.</summary>
    /// <param name="policy">The network's place among them.</param>
    public IReadOnlyList<NaptForward> Of(int policy) => _resolved[policy];

    /// <summary>Looks who is behind the ports that are forwarded to.</summary>
    /// <returns>True when something has changed.</returns>
    public bool Resolve(Instant now)
    {
        if (networks.All(network => network.Nat.Forwards.All(forward => AddressOf(running, forward) is not null)))
            return false;
        var resolved = networks.Select(network => Resolve(network, now)).ToArray();
        var changed = resolved.Zip(_resolved).Any(pair => !pair.First.SequenceEqual(pair.Second));
        _resolved = resolved;
        return changed;
    }

    /// <summary>Tells the translators.</summary>
    public void Apply(IEnumerable<Napt> translators, Instant now)
    {
        foreach (var translator in translators)
        {
            for (var policy = 0; policy < _resolved.Length; policy++)
                translator.SetForwards(policy, _resolved[policy], now);
        }
    }

    private static List<NaptForward> Certain(RunningSwitch running, NatNetwork network) =>
    [
        .. network.Nat.Forwards.Select(forward => AddressOf(running, forward) is { } address ? Forward(forward, address) : (NaptForward?)null).OfType<NaptForward>(),
    ];

    private List<NaptForward> Resolve(NatNetwork network, Instant now)
    {
        _neighbors.Clear();
        network.Gateway.Neighbors.CopyTo(_neighbors, now);
        var resolved = new List<NaptForward>();
        foreach (var forward in network.Nat.Forwards)
        {
            if ((AddressOf(running, forward) ?? Heard(forward, now)) is { } address)
                resolved.Add(Forward(forward, address));
        }
        return resolved;
    }

    private Ipv4Address? Heard(ForwardModel forward, Instant now)
    {
        var before = _heard.TryGetValue(forward.Port!, out var address) ? address : (Ipv4Address?)null;
        if (running.Ports.FirstOrDefault(state => state.Model.Name == forward.Port) is not { Port: { } port } behind)
            return before;
        Ipv4Address? other = null;
        foreach (var neighbor in _neighbors)
        {
            if (neighbor.Mac is not { } mac || behind.Bridge.Fdb.Lookup(mac.Value, now) != port.Slot)
                continue;
            if (neighbor.Address == before)
                return before;
            other ??= neighbor.Address;
        }
        if (other is { } found)
            _heard[forward.Port!] = found;
        return other ?? before;
    }

    private static Ipv4Address? AddressOf(RunningSwitch running, ForwardModel forward) => forward.Address
        ?? running.Model.Ports.FirstOrDefault(port => port.Name == forward.Port) switch
        {
            TapModel tap => tap.Address?.Address,
            VethModel veth => veth.Address?.Address,
            _ => null,
        };

    private static NaptForward Forward(ForwardModel forward, Ipv4Address address) => new(
        forward.Protocol == ForwardProtocol.Tcp ? IpProtocol.Tcp : IpProtocol.Udp, (ushort)forward.First, (ushort)forward.Last, address, (ushort)forward.TargetPort);
}
