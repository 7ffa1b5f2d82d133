using System.Net;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostStack;

/// <summary>
/// An interface that we have made for the host's own stack. By it the host learns nothing from guests (<see cref="InterfaceSettings"/>),
/// and a gate knows the addresses that the host has there, as they come and go. What somebody turns on again is off within a second; routes
/// of its address, and of link-local ones, are there again.
/// <para>Where the administrator makes it part of a bridge, the other end isn't the host alone: it is a LAN, and the host is on that.
/// </para>
/// <para>Used by the control loop alone, in the host's namespace.</para>
/// </summary>
/// <param name="links">The host's interfaces.</param>
/// <param name="reachesAll">Guests reach each address that the host has, not only those there.</param>
/// <param name="address">The address that it was given; null: none, the host may ask for one by DHCP.</param>
internal sealed class HostInterface(Links links, bool reachesAll, (Ipv4Address Address, int PrefixLength)? address)
{
    /// <summary>Of fe80::/64 (RFC 4291, 2.5.6).</summary>
    private const int LinkLocalPrefix = 64;

    private readonly InterfaceSettings _settings = new();
    private Ipv6AddressInfo[] _linkLocal = [];
    private bool _hasLinkLocal;
    private bool _isBehind;

    /// <summary>The address is there, and no other of its network was there before: the kernel has made routes of it.</summary>
    private bool _isPrimary;

    /// <summary>For the port.</summary>
    public HostGate Gate { get; } = new();

    /// <summary>Settings that can't be as they must be, for people; null: all are.</summary>
    public string? Complaint => _settings.Refused;

    /// <summary>Guests reach each address that the host has from now on, or only those there.</summary>
    public void Reach(bool all, LinkInfo link)
    {
        reachesAll = all;
        Follow(link);
    }

    /// <summary>Prepares the interface. It isn't up yet, and has its addresses.</summary>
    public void Prepare(LinkInfo link)
    {
        _settings.TurnOff(link.Name);
        Follow(link);
        // Nobody tells what becomes of it before it is watched.
        _isBehind = true;
    }

    /// <summary>The program before has prepared it. Its settings are looked at a second later, when frames go on again.</summary>
    public void Inherit(LinkInfo link)
    {
        Follow(link);
        _isBehind = true;
    }

    /// <summary>There was news of the interface or its addresses.</summary>
    public void Follow(LinkInfo link)
    {
        try
        {
            Gate.Rules = IsCable(link) ? HostRules.OnLanWithRouters : Rules(link.Index);
            _isBehind = false;
        }
        catch (SystemCallException)
        {
            // What was known holds until it can be read.
            _isBehind = true;
        }
    }

    /// <summary>About once a second.</summary>
    public void Tick(LinkInfo link)
    {
        _settings.TurnOff(link.Name);
        // News is told of this interface alone.
        if (reachesAll || _isBehind)
            Follow(link);
        // While it is down there are none, and in a bridge the host is elsewhere.
        if (link is not { IsUp: true, Master: 0 })
            return;
        if (_isPrimary && address is { } own)
            links.RestoreRoutes(link.Index, own.Address, own.PrefixLength);
        if (_hasLinkLocal)
            links.RestoreLinkLocalRoute(link.Index);
    }

    /// <summary>Somebody has removed addresses: without a link-local one the host and its guests don't reach each other by IPv6, and the
    /// kernel makes one only when the interface comes up.</summary>
    public void Restore(LinkInfo link)
    {
        if (link is not { IsUp: true, Master: 0, GeneratesNoAddress: false }
            || links.Ipv6Addresses(link.Index).Any(one => one.Address.IsLinkLocal))
            return;
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        foreach (var one in _linkLocal)
        {
            one.Address.Write(bytes);
            try
            {
                links.AddAddress(link.Index, new IPAddress(bytes), LinkLocalPrefix);
            }
            catch (SystemCallException)
            {
                // Somebody wants no IPv6 there.
            }
        }
    }

    /// <summary>It belongs to a bridge or bond. In a VRF it is still an interface that the host's stack has.</summary>
    private bool IsCable(LinkInfo link) => link.Master != 0 && links.FindByIndex(link.Master)?.Kind != "vrf";

    private HostRules Rules(int index)
    {
        // With thousands of interfaces, each of which would read the addresses of all, that takes most of a start.
        int? wanted = reachesAll ? null : index;
        var (all4, all6) = (links.Addresses(wanted), links.Ipv6Addresses(wanted));
        var (here4, here6) = (all4.Where(one => one.Interface == index), all6.Where(one => one.Interface == index));
        Ipv6AddressInfo[] linkLocal = [.. here6.Where(one => one.Address.IsLinkLocal)];
        _hasLinkLocal = linkLocal.Length > 0;
        if (_hasLinkLocal)
            _linkLocal = linkLocal;
        _isPrimary = address is { } own
            && here4.Any(one => (one.Address, one.PrefixLength, one.IsSecondary) == (own.Address, own.PrefixLength, false));
        return new(
            [.. (reachesAll ? all4 : here4).Select(one => one.Address).Where(address => !address.IsLoopback)],
            [.. here4.Select(one => Ipv4Subnet.Containing(one.Peer ?? one.Address, one.PrefixLength))],
            // Link-local addresses of other interfaces are others' on this link.
            [.. all6.Where(one => one.Interface == index || (reachesAll && !one.Address.IsLinkLocal)).Select(one => one.Address)
                .Where(address => !address.IsLoopback)],
            [.. here6.Select(one => one.Subnet)])
        {
            TakesLease = address is null,
        };
    }
}
