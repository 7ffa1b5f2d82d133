using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.State.Nat;

/// <summary>
/// An outside address of its own: the file's, or one that is leased. The latter is like the former as long as it is lent. While it isn't,
/// there is no way out; what was begun at it ends when it is lent no more, or another is.
/// </summary>
internal sealed partial class OutsideState
{
    private readonly OutsideLease? _lease;

    /// <summary>What the lease has brought could not be had at once.</summary>
    private bool _mustFollow;

    /// <summary>Nothing is in the way but that no server has lent an address yet.</summary>
    private bool IsLeaseAwaited => _lease is { Index: > 0 };

    /// <summary>Why there is no way out, and what was refused meanwhile; null: there is one. Any thread may ask.</summary>
    private string? Obstacle =>
        _obstacle is { } obstacle ? _lease?.Refusal is { } refusal ? $"{obstacle}; {refusal}" : obstacle : null;

    /// <summary>An address on the LAN of an interface is lent to it.</summary>
    public bool IsLent(int index, Ipv4Address address) => _lease is { } lease && lease.Index == index && lease.Holds(address);

    private void TickLease(Instant now)
    {
        _lease?.Tick(now);
        if (_mustFollow)
            FollowLease();
    }

    private void FollowLease() => _mustFollow = _facts is { } host && !Follow(host);

    private OutsideLink? Find(HostIpv4 host, int milliseconds, out string? obstacle)
    {
        var at = OutsideLink.FindInterface(_model, _links, host, _link?.Index ?? _lease?.Index ?? 0, out obstacle);
        if (at is null)
            return null;
        var own = _lease is null ? _model.Address : FindLeased(_lease, at, out obstacle);
        if (own is null && !IsShared)
        {
            // Whoever has it next is asked.
            _own.Forget();
            return null;
        }
        var link = OutsideLink.Of(at, own, host, out obstacle);
        if (link is not null && ObstacleOf(link) is { } other)
            (link, obstacle) = (null, other);
        if (link is not null && !IsShared && (link != _link || Foremost is null) && !IsFree(link, milliseconds, out obstacle))
            link = null;
        return link;
    }

    /// <summary>What is lent there, if something is.</summary>
    private static InterfaceAddress? FindLeased(OutsideLease lease, LinkInfo at, out string? obstacle)
    {
        obstacle = at.IsEthernet ? null
            : $"interface {at.Name} carries no Ethernet, so there is no DHCP: name a NIC as the outside's interface";
        if (obstacle is not null)
            return null;
        lease.At(at, new(Environment.TickCount64));
        if (lease.Lent is { } lent)
            return new(lent.Address, lent.PrefixLength);
        obstacle = lease.Obstacle;
        return null;
    }

    /// <summary>Nobody else on the link has an address of our own.</summary>
    private bool IsFree(OutsideLink link, int milliseconds, out string? obstacle)
    {
        obstacle = null;
        var now = new Instant(Environment.TickCount64);
        if (_own.IsFree(link, _lease?.Mac ?? _running.Macs.Outside(null, link.Address), milliseconds, out var taken))
        {
            _lease?.Accept(now);
            return true;
        }
        if (taken is null)
            return false;
        obstacle = $"{taken}: give that machine another address, or write another here";
        if (_lease is not null)
        {
            _own.Forget();
            _lease.Decline(taken, now);
            obstacle = _lease.Obstacle;
        }
        return false;
    }

    /// <summary>Why what is lent can't be used here; null: it can.</summary>
    private string? ObstacleOf(HeldLease lent)
    {
        var (address, subnet) = (lent.Address, lent.Subnet);
        if (_facts?.IsOwn(address) == true)
            return $"{address} is this machine's own address";
        // What is sent to itself by a NIC isn't heard by this machine.
        if (lent.Router is { } router && _facts?.IsOwn(router) == true)
            return $"the router {router} is this machine's own address";
        if (_switch.Networks.FirstOrDefault(network => network.Subnet?.Overlaps(subnet) == true) is { } inside)
            return $"its subnet {subnet} overlaps the inside {inside.Subnet} of network {inside.Name}: write another subnet there";
        if (_lent(this, _lease!.Index, address) is { } lessee)
            return $"{address} is lent to network {lessee}";
        return _switch.Networks.FirstOrDefault(network => network.Nat?.Outside.Address?.Address == address) is { } other
            ? $"{address} is the outside address of network {other.Name}: write another there" : null;
    }

    private NextHops NextHopsFrom(OutsideLink link, HostIpv4 host) =>
        IsShared ? link.NextHops(host) : link.NextHops(_lease is null ? _model.Gateway : _lease.Lent?.Router);

    /// <summary>The port of who leases the address: no guest hears or says anything there.</summary>
    private void KeepLessees(Napt translator)
    {
        if (_lease is not null)
            translator.ExcludePorts(IpProtocol.Udp, [DhcpHeader.ClientPort]);
    }
}
