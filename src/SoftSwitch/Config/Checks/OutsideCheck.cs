using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds the outsides of nat networks against subnets, and against each other where they share an address.</summary>
internal static class OutsideCheck
{
    /// <summary>The ports below are the well-known ones (RFC 6335, 6), which take privilege to bind.</summary>
    private const int FirstOfHost = 1024;

    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        var subnets = new SubnetSet(config.Networks.Where(one => one.Model.Subnet is not null)
            .Select(one => one.Places.Of(NetworkKeys.Subnet)).OfType<Located<Ipv4Subnet>>().Select(one => one.Value));
        foreach (var outside in config.Networks.Where(IsNat).Select(Outside))
            CheckAddress(outside, subnets, mistakes);
        foreach (var sharing in config.Networks.Where(IsNat).GroupBy(one => OutsidePlace.Of(one.Model)))
        {
            if (sharing.ElementAtOrDefault(NatModel.MaximumNetworks) is { } beyond)
                mistakes.Add(beyond.Places.At, $"more than {NatModel.MaximumNetworks} nat networks have the same outside: give some "
                    + "another interface or address there, or put their guests into fewer networks");
        }
        foreach (var sharing in ByAddress(config))
        {
            if (sharing.Key.Address is not null)
                CheckSame([.. sharing.Select(Outside)], mistakes);
            CheckPools([.. sharing], mistakes);
        }
    }

    /// <summary>Reports addresses of their own that are the host's. An interface that has none to share yet is waited for.</summary>
    public static void CheckHost(SwitchEntry config, Func<HostAddresses?> read, MistakeList mistakes)
    {
        Entry<OutsideModel>[] outsides = [.. config.Networks.Where(IsNat).Select(Outside).Where(one => one.Model.Address is not null)];
        if (outsides.Length == 0 || read() is not { } host)
            return;
        foreach (var outside in outsides)
        {
            if (OwnAddressOf(outside) is { } own && host.IsOwn(own.Value.Address))
                mistakes.Add(own.At,
                    $"{own.Value.Address} is this machine's own address: write address: host to share it, or one that nobody has");
        }
    }

    /// <summary>The nat networks, by the outside address that they share: one of their own, what one network leases, or else the host's.
    /// Networks that share it share its ports, whatever their interfaces: forwards are reached at any address of the host. One whose
    /// address was refused is left out.</summary>
    public static IEnumerable<IGrouping<(Ipv4Address? Address, string? Lessee), Entry<NetworkModel>>> ByAddress(SwitchEntry config) =>
        config.Networks.Where(one => IsNat(one) && !IsRefused(Outside(one)))
            .GroupBy(one => (one.Model.Nat!.Outside.Address?.Address, OutsidePlace.Of(one.Model).Lessee));

    /// <summary>The ports of translated flows, as written or as they are when left out.</summary>
    public static PortPool PoolOf(Entry<NetworkModel> network) => network.Model.Nat!.Outside.Ports;

    public static bool IsNat(Entry<NetworkModel> network) =>
        network.Model.Nat is not null && NetworkKeys.ModeOf(network) == NetworkMode.Nat;

    /// <summary>Of a nat network.</summary>
    public static Entry<OutsideModel> Outside(Entry<NetworkModel> network) =>
        new(network.Model.Nat!.Outside, network.Places.In(NatKeys.Outside));

    /// <summary>The interface that the file names; null: none, or auto.</summary>
    public static Located<string>? InterfaceOf(Entry<OutsideModel> outside) =>
        outside.Model.Interface is null ? null : outside.Places.Of(OutsideKeys.Interface);

    /// <summary>False also where the address was refused: what depends on it can't be judged.</summary>
    private static bool SharesHost(Entry<OutsideModel> outside) =>
        !outside.Places.Has(OutsideKeys.Address) || outside.Places.Of(OutsideKeys.Address) is { Value.IsHost: true };

    private static bool IsRefused(Entry<OutsideModel> outside) =>
        outside.Places.Has(OutsideKeys.Address) && outside.Places.Of(OutsideKeys.Address) is null;

    private static Located<InterfaceAddress>? OwnAddressOf(Entry<OutsideModel> outside) =>
        outside.Places.Of(OutsideKeys.Address) is { Value.Own: { } own } address ? new(own, address.At) : null;

    private static void CheckAddress(Entry<OutsideModel> outside, SubnetSet subnets, MistakeList mistakes)
    {
        var places = outside.Places;
        if (OwnAddressOf(outside) is { } own)
        {
            if (own.Value.PrefixLength == 32)
                mistakes.Add(own.At,
                    $"{own.Value} has nobody beside it: write the prefix length of the subnet outside, such as {own.Value.Address}/24");
            else if (subnets.Overlapping(own.Value.Subnet) is { } inside)
                mistakes.Add(own.At, $"the outside {own.Value.Subnet} overlaps the inside {inside}: choose another subnet inside");
        }
        if (SharesHost(outside) && places.Of(OutsideKeys.Ports) is { } ports && ports.Value.First < FirstOfHost)
            mistakes.Add(ports.At, $"the ports {ports.Value} of the host's address: those below {FirstOfHost} belong to its own services: "
                + $"begin at {FirstOfHost} or above");
        if (places.Of(OutsideKeys.Gateway) is not { } gateway || IsRefused(outside))
            return;
        if (outside.Model.IsLeased)
            mistakes.Add(gateway.At, "'gateway' doesn't go with address: dhcp, where the lease says the router: leave it out");
        else if (OwnAddressOf(outside) is not { } address)
            mistakes.Add(gateway.At, "'gateway' goes only with an address of its own: leave it out, or write address: 192.0.2.10/24");
        else if (address.Value.PrefixLength == 32)
            return;
        else if (!address.Value.Subnet.Contains(gateway.Value))
            mistakes.Add(gateway.At,
                $"gateway {gateway.Value} is outside {address.Value.Subnet}, the subnet of the address: write one inside it");
        else if (address.Value.Address == gateway.Value)
            mistakes.Add(gateway.At, $"gateway {gateway.Value} is the network's own outside address: write the router's");
        else if (!new InterfaceAddress(gateway.Value, address.Value.PrefixLength).IsStation)
            mistakes.Add(gateway.At,
                $"gateway {gateway.Value} is the network's own or the broadcast address of {address.Value.Subnet}: write the router's");
    }

    /// <summary>An address of our own is one station: it can't be on two interfaces, nor have two ways out.</summary>
    private static void CheckSame(IReadOnlyList<Entry<OutsideModel>> sharing, MistakeList mistakes)
    {
        var (first, firstAt) = (sharing[0].Model, sharing[0].Places.Of(OutsideKeys.Address)!.At);
        foreach (var (other, places) in sharing.Skip(1))
        {
            if (other with { Ports = first.Ports } != first)
                mistakes.Add(places.Of(OutsideKeys.Address)!.At, $"{other.Address!.Value.Address} stands at {firstAt} with another "
                    + "interface, prefix length or gateway: write the same, or another address");
        }
    }

    /// <summary>Networks may share a pool; two pools that overlap in part would give a port to both.</summary>
    private static void CheckPools(IReadOnlyList<Entry<NetworkModel>> sharing, MistakeList mistakes)
    {
        Entry<NetworkModel>? furthest = null;
        foreach (var network in sharing.OrderBy(one => PoolOf(one).First).ThenBy(one => PoolOf(one).Last))
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
            mistakes.Add(PlaceOf(second), $"the ports {PoolOf(second)} of network {Shown.Quote(second.Model.Name)} overlap {PoolOf(first)} "
                + $"of network {Shown.Quote(first.Model.Name)} in part: write the same outside: {{ ports: … }} for both, or apart");
            if (pool.Last > PoolOf(furthest).Last)
                furthest = network;
        }
    }

    private static Position PlaceOf(Entry<NetworkModel> network) => Outside(network).Places.Of(OutsideKeys.Ports)?.At ?? network.Places.At;
}
