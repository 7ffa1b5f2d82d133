using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Networks;

/// <summary>
/// Tells bridges which stations of the LAN the host knows: those of its neighbors on an uplink's NIC with which it doesn't speak by the
/// switch. Read once a second, of a kernel that keeps about a thousand. Used by the control loop alone.
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
        foreach (var neighbor in Neighbors(nic))
        {
            if (guests.Contains(neighbor.Mac) || host.Leads(neighbor.Mac))
                continue;
            if (neighbor.Address is { } address)
                addresses[neighbor.Mac] = address;
            // Who can't be asked is there as long as the host has its word.
            else if (addresses.TryAdd(neighbor.Mac, default) && neighbor.IsReachable)
                bridge.Confirm(neighbor.Mac, uplink, now);
        }
        if (bridge.Lan is not { } before || before.Uplink != uplink || before.Addresses.Count != addresses.Count
            || addresses.Any(one => !before.Addresses.TryGetValue(one.Key, out var known) || known != one.Value))
            bridge.Lan = new(uplink, addresses.ToFrozenDictionary());
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
