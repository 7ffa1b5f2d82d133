using System.Diagnostics.CodeAnalysis;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.Text;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds forwards against the guests that they lead to, and against each other.</summary>
internal static class ForwardCheck
{
    /// <summary>A pool that is smaller isn't worth a proposal.</summary>
    private const int FewestPorts = 1000;

    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        var ports = config.Ports.ToDictionary(port => port.Model.Name);
        foreach (var network in config.Networks.Where(OutsideCheck.IsNat))
        {
            var reserved = network.Model.Dhcp?.Reservations.Select(reservation => reservation.Name).ToHashSet() ?? [];
            foreach (var (_, forward) in network.Places.Of(NatKeys.Forwards))
            {
                if (forward.Of(ForwardKeys.To) is { } to)
                    CheckTarget(to, forward.Of(ForwardKeys.From), network, reserved, ports, mistakes);
                if (forward.Of(ForwardKeys.On) is { } on)
                    CheckOn(on, network, config.Networks, mistakes);
            }
        }
        foreach (var sharing in OutsideCheck.ByAddress(config))
        {
            Entry<ForwardModel>[] forwards = [.. sharing.SelectMany(network => network.Places.Of(NatKeys.Forwards))
                .Where(forward => forward.Places.Of(ForwardKeys.From) is not null)];
            Located<TransportPorts>[] ranges = [.. forwards.Select(RangeOf)];
            foreach (var range in ranges.Where(range => sharing.Key.Lessee is not null && IsLessees(range.Value)))
                mistakes.Add(range.At, $"udp/{DhcpHeader.ClientPort} is where the outside address is leased (address: dhcp): leave it out");
            foreach (var group in forwards.Where(HasKnownAddress).GroupBy(forward => RangeOf(forward).Value.Protocol))
                CheckRanges(group.OrderBy(forward => RangeOf(forward).Value.First).ThenBy(forward => RangeOf(forward).At), mistakes);
            // On an address of its own everything but the pool would be nothing: there the pool gives way.
            if (sharing.Key == default)
                CheckPools(ranges, [.. sharing.Select(OutsideCheck.PoolOf).Distinct()], mistakes);
        }
    }

    private static bool IsLessees(TransportPorts range) => range.Protocol == IpProtocol.Udp && range.Contains(DhcpHeader.ClientPort);

    private static void CheckPools(IReadOnlyList<Located<TransportPorts>> ranges, IReadOnlyList<PortPool> pools, MistakeList mistakes)
    {
        foreach (var range in ranges)
        {
            var inside = pools.Where(pool => pool.Overlaps(new(range.Value.First, range.Value.Last))).Take(1).ToList();
            if (inside.Count > 0)
                mistakes.Add(range.At, $"{range.Value} overlaps {inside[0]}, the ports of translated flows: forward from another port, "
                    + $"or write outside: {{ ports: {FreePool(ranges)} }}");
        }
    }

    /// <summary>A pool that no forward is in: the widest gap below the ports that the kernel chooses for the host itself, or above
    /// them.</summary>
    private static string FreePool(IReadOnlyList<Located<TransportPorts>> ranges)
    {
        foreach (var (first, last) in (ReadOnlySpan<(int, int)>)[(4096, 32767), (61000, 65535), (1024, 65535)])
        {
            var widest = TransportPorts.WidestGap(ranges.Select(range => range.Value), first, last);
            if (widest.Count >= FewestPorts)
                return $"{widest.First}-{widest.Last}";
        }
        return "…";
    }

    private static Located<TransportPorts> RangeOf(Entry<ForwardModel> forward) => forward.Places.Of(ForwardKeys.From)!;

    /// <summary>False where the address was refused: whom it is in the way of can't be judged.</summary>
    private static bool HasKnownAddress(Entry<ForwardModel> forward) =>
        !forward.Places.Has(ForwardKeys.On) || forward.Places.Of(ForwardKeys.On) is not null;

    /// <summary>Two may have a port only if each is for an address of its own. So the furthest that came before is known for each address,
    /// for those that are for all, and for any.</summary>
    /// <param name="sorted">Of one protocol, by their first ports.</param>
    private static void CheckRanges(IEnumerable<Entry<ForwardModel>> sorted, MistakeList mistakes)
    {
        var byAddress = new Dictionary<Ipv4Address, Entry<ForwardModel>>();
        Entry<ForwardModel>? ofAll = null, any = null;
        foreach (var forward in sorted)
        {
            var before = forward.Model.On is { } on ? Further(ofAll, byAddress.GetValueOrDefault(on)) : any;
            if (before is not null && RangeOf(forward).Value.First <= RangeOf(before).Value.Last)
                TellOverlap(before, forward, mistakes);
            any = Further(any, forward);
            if (forward.Model.On is { } address)
                byAddress[address] = Further(byAddress.GetValueOrDefault(address), forward);
            else
                ofAll = Further(ofAll, forward);
        }
    }

    [return: NotNullIfNotNull(nameof(other))]
    private static Entry<ForwardModel>? Further(Entry<ForwardModel>? before, Entry<ForwardModel>? other) =>
        before is not null && (other is null || RangeOf(other).Value.Last <= RangeOf(before).Value.Last) ? before : other;

    private static void TellOverlap(Entry<ForwardModel> one, Entry<ForwardModel> other, MistakeList mistakes)
    {
        var (first, second) = RangeOf(one).At.CompareTo(RangeOf(other).At) < 0 ? (one, other) : (other, one);
        mistakes.Add(RangeOf(second).At, $"{RangeOf(second).Value} is forwarded at {RangeOf(first).At} already: one forward a port"
            + (first.Model.On is null && second.Model.On is null ? "" : ", or each with 'on' and an address that the other has not"));
    }

    /// <summary>The host's addresses change, so it isn't asked whether it has this one.</summary>
    private static void CheckOn(Located<Ipv4Address> on, Entry<NetworkModel> network, IReadOnlyList<Entry<NetworkModel>> networks,
        MistakeList mistakes)
    {
        if (network.Model.Nat!.Outside is { SharesHost: false } outside)
            mistakes.Add(on.At, "'on' goes only where the host's address is shared, and this network has "
                + $"{outside.Address?.Address.ToString() ?? "one of its own"}: leave it out");
        else if (networks.Where(OutsideCheck.IsNat).FirstOrDefault(one => one.Places.Of(NetworkKeys.Subnet) is { } subnet
            && subnet.Value.Contains(on.Value)) is { } inside)
            mistakes.Add(on.At, $"{on.Value} is inside network {Shown.Quote(inside.Model.Name)}: write an address of the host");
    }

    private static void CheckTarget(Located<ForwardTarget> to, Located<TransportPorts>? from, Entry<NetworkModel> network,
        HashSet<string?> reserved,
        Dictionary<string, Entry<PortModel>> ports, MistakeList mistakes)
    {
        var host = to.Value.Host;
        if (from is { } range && range.Value.First != range.Value.Last && to.Value.Port is not null)
            mistakes.Add(to.At, $"a range of ports keeps its numbers: write {host} without a port");
        if (Ipv4Address.TryParse(host, out var address))
        {
            NetworkCheck.CheckInside("address", new(address, to.At), network, mistakes);
            if (NetworkCheck.GatewayOf(network) == address)
                mistakes.Add(to.At, $"{address} is the gateway's: forward to a guest");
            return;
        }
        if (reserved.Contains(host))
            return;
        if (!ports.TryGetValue(host, out var port))
            mistakes.Add(to.At, $"nobody is called {Shown.Quote(host)}: write the name of a port of network "
                + $"{Shown.Quote(network.Model.Name)}, or an address");
        else if (port.Places.Of(PortKeys.Network) is { } other && other.Value != network.Model.Name)
            mistakes.Add(to.At, $"port '{host}' is on network {Shown.Quote(other.Value)}, not on {Shown.Quote(network.Model.Name)}: "
                + "a forward leads into its own network");
    }
}
