using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Networks;

/// <summary>
/// Tells bridges the host's own addresses on the LAN, and which stations there it knows: those of its neighbors on an uplink's NIC with
/// which it doesn't speak by the switch. Read once a second, of a kernel that keeps about a thousand. Used by the control loop alone.
/// </summary>
internal sealed class LanWatch : IDisposable
{
    private Links? _links;

    /// <summary>Once a second.</summary>
    public void Follow(NetworkState network, SwitchModel model, Instant now)
    {
        if (network.Host is { Port: HostNeighborPort host, Needs: { Membership: { } uplink, Endpoint: InterfaceEndpoint nic } })
            Follow(network.Bridge, host, uplink, nic.Index, HostAndUplink.Guests(model.Ports, network.Model.Name).ToHashSet(), now);
        else
            network.Bridge.Lan = null;
    }

    public void Dispose() => _links?.Dispose();

    private void Follow(Bridge bridge, HostNeighborPort host, Membership uplink, int nic, HashSet<MacAddress> guests, Instant now)
    {
        var addresses = new Dictionary<MacAddress, Ipv4Address>();
        var owners = new Dictionary<SaidAddress, MacAddress>();
        foreach (var neighbor in Neighbors(nic))
        {
            if (guests.Contains(neighbor.Mac) || host.Leads(neighbor.Mac))
                continue;
            owners[new(neighbor.Address ?? default, neighbor.Ipv6)] = neighbor.Mac;
            if (neighbor.Address is { } address)
                addresses[neighbor.Mac] = address;
            // Who can't be asked is there as long as the host has its word.
            else if (addresses.TryAdd(neighbor.Mac, default) && neighbor.IsReachable)
                bridge.Confirm(neighbor.Mac, uplink, now);
        }
        var own = Own(nic);
        if (bridge.Lan is not { } before || before.Uplink != uplink || !IsSame(before.Addresses, addresses)
            || !IsSame(before.Owners, owners) || !before.Own.SetEquals(own))
        {
            bridge.Lan = new(uplink, addresses.ToFrozenDictionary())
            {
                Owners = owners.ToFrozenDictionary(),
                Own = own.ToFrozenSet(),
            };
        }
    }

    private static bool IsSame<TKey, TValue>(FrozenDictionary<TKey, TValue> before, Dictionary<TKey, TValue> after) where TKey : notnull =>
        before.Count == after.Count
        && after.All(one => before.TryGetValue(one.Key, out var known) && EqualityComparer<TValue>.Default.Equals(known, one.Value));

    /// <summary>The host's addresses there.</summary>
    private HashSet<SaidAddress> Own(int nic)
    {
        try
        {
            var links = _links ??= new();
            return
            [
                .. links.Addresses(nic).Select(one => new SaidAddress(one.Address, default)),
                .. links.Ipv6Addresses(nic).Select(one => new SaidAddress(default, one.Address)),
            ];
        }
        catch (SystemCallException)
        {
            return [];
        }
    }

    /// <summary>Where the kernel refuses to say, none: what stations say to everybody is heard all the same.</summary>
    private IReadOnlyList<NeighborInfo> Neighbors(int nic)
    {
        try
        {
            return (_links ??= new()).Neighbors(nic);
        }
        catch (SystemCallException)
        {
            return [];
        }
    }
}
