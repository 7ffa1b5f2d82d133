using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds the places where nat networks meet the outside against subnets, and against each other where they share an address.</summary>
internal static class OutsideCheck
{
    /// <summary>The ports below are the well-known ones (RFC 6335, 6), which take privilege to bind.</summary>
    private const int FirstOfHost = 1024;

    public static void Check(SwitchConfig config, MistakeList mistakes)
    {
        var subnets = new SubnetSet(config.Networks.Where(one => one.Subnet is not null).Select(one => one.Subnet!.Value));
        foreach (var network in config.Networks.Where(one => one is { Mode.Value: NetworkMode.Nat, Outside: not null }))
            CheckAddress(network.Outside!, subnets, mistakes);
        foreach (var leg in Legs(config))
        {
            if (leg.Key is not null)
                CheckSame([.. leg.Select(network => network.Outside!)], mistakes);
            CheckPools([.. leg], mistakes);
        }
    }

    /// <summary>Reports interfaces that are there and have no address to share, and addresses that are the host's own.</summary>
    public static void CheckHost(SwitchConfig config, Func<HostAddresses?> read, MistakeList mistakes)
    {
        OutsideConfig[] outsides = [.. config.Networks.Where(one => one.Mode?.Value == NetworkMode.Nat && (one.Outside?.Interface is not null || one.Outside?.Address is not null)).Select(one => one.Outside!)];
        if (outsides.Length == 0 || read() is not { } host)
            return;
        foreach (var outside in outsides)
        {
            if (outside is { SharesHost: true, Interface: { } name } && host.HasAddress(name.Value) == false)
                mistakes.Add(name.At, $"interface {Shown.Quote(name.Value)} has no IPv4 address to share: give it one, or write outside: {{ address: 192.0.2.10/24 }}, an address of the network's own");
            if (outside.Address is { } own && host.IsOwn(own.Value.Address))
                mistakes.Add(own.At, $"{own.Value.Address} is this machine's own address: write address: host to share it, or one that nobody has");
        }
    }

    /// <summary>
    /// The nat networks by the address of their own that they share; null: the host's. Whoever shares the host's address shares
    /// its ports, by whatever interface: its own connections to forwards come to any of its addresses, and which interface is
    /// meant by auto changes while the switch runs. Left out is whose address isn't known.
    /// </summary>
    public static IEnumerable<IGrouping<Ipv4Address?, NetworkConfig>> Legs(SwitchConfig config) => config.Networks
        .Where(one => one is { Mode.Value: NetworkMode.Nat, Outside: null or { DhcpAt: null, AddressRefused: false } })
        .GroupBy(one => one.Outside?.Address?.Value.Address);

    /// <summary>The ports of translated flows, as written or as they are when left out.</summary>
    public static PortPool PoolOf(NetworkConfig network) =>
        network.Outside?.Ports?.Value ?? (network.Outside is null or { SharesHost: true } ? PortPool.OfHost : PortPool.OfOwnAddress);

    private static void CheckAddress(OutsideConfig outside, SubnetSet subnets, MistakeList mistakes)
    {
        if (outside.Address is { } own)
        {
            if (own.Value.PrefixLength == 32)
                mistakes.Add(own.At, $"{own.Value} has nobody beside it: write the prefix length of the subnet outside, such as {own.Value.Address}/24");
            else if (subnets.Overlapping(own.Value.Subnet) is { } inside)
                mistakes.Add(own.At, $"the outside {own.Value.Subnet} overlaps the inside {inside}: choose another subnet inside");
        }
        if (outside is { SharesHost: true, Ports: { } ports } && ports.Value.First < FirstOfHost)
            mistakes.Add(ports.At, $"the ports {ports.Value} of the host's address: those below {FirstOfHost} belong to its own services: begin at {FirstOfHost} or above");
        if (outside.Gateway is not { } gateway || outside.AddressRefused)
            return;
        if (outside.Address is not { } address)
            mistakes.Add(gateway.At, "'gateway' goes only with an address of its own: leave it out, or write address: 192.0.2.10/24");
        else if (address.Value.PrefixLength == 32)
            return;
        else if (!address.Value.Subnet.Contains(gateway.Value))
            mistakes.Add(gateway.At, $"gateway {gateway.Value} is outside {address.Value.Subnet}, the subnet of the address: write one inside it");
        else if (address.Value.Address == gateway.Value)
            mistakes.Add(gateway.At, $"gateway {gateway.Value} is the network's own outside address: write the router's");
        else if (!new InterfaceAddress(gateway.Value, address.Value.PrefixLength).IsStation)
            mistakes.Add(gateway.At, $"gateway {gateway.Value} is the network's own or the broadcast address of {address.Value.Subnet}: write the router's");
    }

    /// <summary>An address of our own is one station: it can't be on two interfaces, nor have two ways out.</summary>
    private static void CheckSame(IReadOnlyList<OutsideConfig> leg, MistakeList mistakes)
    {
        var first = leg[0];
        foreach (var other in leg.Skip(1))
        {
            if (other.Interface?.Value != first.Interface?.Value || other.Address!.Value != first.Address!.Value || other.Gateway?.Value != first.Gateway?.Value)
                mistakes.Add(other.Address!.At, $"{other.Address.Value.Address} stands at {first.Address!.At} with another interface, prefix length or gateway: write the same, or another address");
        }
    }

    /// <summary>Networks may share a pool; two pools that overlap in part would give a port to both.</summary>
    private static void CheckPools(IReadOnlyList<NetworkConfig> leg, MistakeList mistakes)
    {
        NetworkConfig? furthest = null;
        foreach (var network in leg.OrderBy(one => PoolOf(one).First).ThenBy(one => PoolOf(one).Last))
        {
            var pool = PoolOf(network);
            if (furthest is null || pool.First > PoolOf(furthest).Last)
            {
                furthest = network;
                continue;
            }
            if (pool == PoolOf(furthest))
                continue;
            var (first, second) = PlaceOf(network).CompareTo(PlaceOf(furthest)) < 0 ? (network, furthest) : (furthest, network);
            mistakes.Add(PlaceOf(second), $"the ports {PoolOf(second)} of network {Shown.Quote(second.Name.Value)} overlap {PoolOf(first)} of network {Shown.Quote(first.Name.Value)} in part: write the same outside: {{ ports: … }} for both, or apart");
            if (pool.Last > PoolOf(furthest).Last)
                furthest = network;
        }
    }

    private static Position PlaceOf(NetworkConfig network) => network.Outside?.Ports?.At ?? network.Name.At;
}
