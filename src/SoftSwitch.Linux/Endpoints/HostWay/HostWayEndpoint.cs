using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Endpoints.HostStack;
using SoftSwitch.Linux.Endpoints.Tap;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// The way between the host's own stack and a translation that shares the host's address: a tap. The kernel takes no packet from outside
/// that bears its own address as the source. So to the host all guests are one link-local address of ours, behind the tap.
/// <para>
/// The tap has no address. A route to the link-local address leads to it, and the neighbor entry of that address is fixed: so the host
/// asks nothing, and answers with the shared address. The route stands in the table that comes before all rules (local): a rule that leads
/// everything elsewhere, as those of VPNs and of hosts with two uplinks do, would take the host's answers with it, onto a wire. Packets
/// from there pass under each setting of <c>rp_filter</c>, for the way back is the way they came; the host's firewall decides about them.
/// Nobody else gets to the host with the link-local address (<see cref="WayGuard"/>). Tap, route, neighbor entry and guard go with the
/// process.
/// </para>
/// <para>By it nobody but the host itself speaks to us, and with no address but those that guests reach; or those of its programs that ask
/// ::1, in IPv6, which is translated at the gate (<see cref="Ipv6Clients"/>).</para>
/// </summary>
/// <param name="options">Name, interface, MTU; the tap's MAC, or null for the kernel's choice.</param>
/// <param name="neighbor">The MAC that answers behind the tap.</param>
/// <param name="source">The host's address that is shared: the host speaks to us with it.</param>
public sealed class HostWayEndpoint(InterfaceOptions options, MacAddress neighbor, Ipv4Address? source) : InterfaceEndpoint(options)
{
    /// <summary>The longest packet that a tap takes (linux/if_tun.h: 64 KiB less one, with the Ethernet header).</summary>
    public const int MaxMtu = 65535 - EthernetHeader.Size;

    private const string DeviceWord = "tap", WayWord = "way";

    private readonly HostGate _gate = new();
    private readonly InterfaceSettings _settings = new();
    private bool _routesLoopback, _leadsIpv6;
    private WayGuard? _guard;
    private TapPort? _port;

    /// <summary>The address that the host answers with, as its route there says; null: whichever fits.</summary>
    private Ipv4Address? _ledFrom;

    /// <summary>The link-local address that the host knows us by. It is chosen when this is opened first, and kept from then on if it stays
    /// free.</summary>
    public Ipv4Address? Address { get; private set; }

    /// <summary>The address that programs of the host have on our side which ask ::1; chosen and kept like that.</summary>
    public Ipv4Address? Clients { get; private set; }

    protected override (DevicePort Port, LinkInfo Link) Make()
    {
        var inherited = Inherit(out var left);
        var device = inherited ?? TapDevice.Open(InterfaceName);
        try
        {
            var mtu = int.Min(Options.Mtu, MaxMtu);
            var link = left ?? Links.Require(InterfaceName);
            if (inherited is null)
            {
                Links.DisableAddressGeneration(link.Index);
                link = Dress(link, mtu);
            }
            _settings.TurnOff(link.Name);
            if (_routesLoopback)
                Links.RouteLoopback(link.Index);
            Links.SetUp(link.Index);
            // What was left has its route. The addresses of all tables are a long list.
            var host = inherited is not null && Clients is not null ? null : HostIpv4.ReadAllTables(Links);
            if (inherited is null)
                Address = Choose(link.Index, host!);
            _guard = new(InterfaceName);
            _guard.Guard(Address!.Value);
            Clients ??= TranslatorAddress.Free(host!);
            _gate.Ipv6Clients = Clients is { } clients ? new(clients, Address.Value) : null;
            RestoreIpv6(link.Index);
            _port = new(Options.Name, mtu, Site.Workers, device) { Gate = _gate, Station = link.MacAddress };
            if (inherited is not null)
                _port.Inherit(Site.Inherited, Key(DeviceWord));
            return (_port, link);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Puts route and neighbor entry right: when the host's address has changed, or when they were lost because the address was gone or the
    /// interface down for a while. What is right already isn't touched.
    /// </summary>
    /// <param name="host">As it is now.</param>
    /// <param name="shared">The address of the host that is shared now.</param>
    /// <exception cref="SystemCallException">The kernel refused, for the interface is down again or gone.</exception>
    public void Follow(HostIpv4 host, Ipv4Address? shared)
    {
        source = shared;
        if (Index == 0 || Address is not { } address)
            return;
        if (Source(host) is var wanted && wanted != _ledFrom)
        {
            Lead(Index, address, wanted, replace: true);
            return;
        }
        KeepRoute(Index, address);
        Links.KeepNeighbor(Index, address, neighbor);
    }

    /// <summary>To another MAC nothing comes through, nor while it is down or part of a bridge. Its route is put right by
    /// <see cref="Follow"/>, its neighbor entry with the next second.</summary>
    protected override void Adapt(LinkInfo link)
    {
        RequireFree(link);
        PutBack(link, Mac, int.Min(Options.Mtu, MaxMtu));
        if (!link.IsUp)
            Links.SetUp(link.Index);
    }

    /// <summary>The host has no address of its own there.</summary>
    protected override void Mend(bool isLoss)
    {
        if (Index != 0)
            Links.KeepWithoutIpv6(Index);
    }

    /// <summary>Lets the host speak with its addresses, and be spoken to at them.</summary>
    public void Reach(HostIpv4 host)
    {
        if (Address is { } address)
            _gate.Rules = new([.. host.Reached], [new(address, 32)], [], []) { Local4 = [.. host.Local] };
    }

    /// <summary>The host's programs are answered at 127.0.0.1, too, from now on. Guests reach nothing there: the gate keeps it.</summary>
    public void RouteLoopback()
    {
        _routesLoopback = true;
        if (Index != 0)
            Links.RouteLoopback(Index);
    }

    /// <summary>The host's programs are answered at ::1, too, from now on.</summary>
    /// <returns>What they are led to there, and from where they come; null: the host has no ::1.</returns>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public (Ipv6Address Way, Ipv6Address Clients)? LeadIpv6()
    {
        if (Index == 0 || _gate.Ipv6Clients is not { } clients || !Ipv6Setting.HasLoopback)
            return null;
        Ipv6Setting.TurnOn(InterfaceName);
        _leadsIpv6 = true;
        KeepIpv6(Index);
        return (EmbeddedAddress.Of(clients.Station), EmbeddedAddress.Of(clients.Clients));
    }

    /// <summary>Keeps the tap as it must be. Nobody tells that a neighbor entry was removed; without it the host asks, and is not
    /// answered.</summary>
    public override void Tick(Instant now)
    {
        if (Link is not { } link)
            return;
        _settings.TurnOff(link.Name);
        if (_routesLoopback)
            Links.RouteLoopback(link.Index);
        if (link.IsUp && Address is { } address)
        {
            KeepRoute(link.Index, address);
            Links.KeepNeighbor(link.Index, address, neighbor);
            RestoreIpv6(link.Index);
        }
    }

    public override void Dispose()
    {
        _guard?.Dispose();
        (_guard, _port) = (null, null);
        DeleteMade();
        base.Dispose();
    }

    public override string? Complaint => _settings.Refused;

    public override KernelDrops Dropped() => Drops.BehindDescriptor;

    private protected override void LeaveEnds(Inheritance heir)
    {
        _port!.Leave(heir, Key(DeviceWord));
        heir.Leave(Key(WayWord), $"{Address} {Clients?.ToString() ?? "-"} {_ledFrom?.ToString() ?? "-"} {(_leadsIpv6 ? "+" : "-")}");
        _guard?.Hold(heir);
    }

    /// <summary>The tap that was left, with the addresses and the route that were chosen for it; null: none was.</summary>
    private TapDevice? Inherit(out LinkInfo? link)
    {
        link = null;
        if (Inherited is not { } left || LeftText(WayWord)?.Split(' ') is not [var address, var clients, var from, var ipv6]
            || !Ipv4Address.TryParse(address, out var way) || Links.FindByIndex(left.Index) is not { } there
            || Take(DeviceWord) is not { } tap)
            return null;
        link = there;
        (Address, _leadsIpv6) = (way, ipv6 == "+");
        Clients = Ipv4Address.TryParse(clients, out var known) ? known : null;
        _ledFrom = Ipv4Address.TryParse(from, out var shared) ? shared : null;
        return TapDevice.Inherit(tap, there.Name);
    }

    private Ipv4Address Choose(int index, HostIpv4 host)
    {
        var free = LinkLocal.Free(host);
        if (Address is { } earlier && free.Contains(earlier))
            free = free.Prepend(earlier);
        foreach (var address in free)
        {
            try
            {
                Lead(index, address, Source(host), replace: false);
                return address;
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.EEXIST)
            {
                // Another switch was quicker.
            }
        }
        throw new SystemCallException("RTM_NEWROUTE", Errno.EADDRNOTAVAIL, $"route to interface {InterfaceName}",
            "all of 169.254.83.0/24 is routed already; see: ip route show table all");
    }

    /// <summary>What somebody has taken away with IPv6 on the interface can't be put back. IPv4 doesn't suffer by that.</summary>
    private void RestoreIpv6(int index)
    {
        if (!_leadsIpv6)
            return;
        try
        {
            KeepIpv6(index);
        }
        catch (SystemCallException)
        {
            // It is tried again with the next second.
        }
    }

    /// <summary>The kernel takes these away when the interface goes down. What is there isn't touched.</summary>
    private void KeepIpv6(int index)
    {
        var way = EmbeddedAddress.Of(Address!.Value);
        Links.AddHostRoute(index, way);
        Links.KeepNeighbor(index, way, neighbor);
        Links.AddLoopbackRoute(index);
    }

    /// <summary>The shared address, or null where the host hasn't got it: the kernel takes no such source for a route.</summary>
    private Ipv4Address? Source(HostIpv4 host) => source is { } shared && host.IsOwn(shared) ? shared : null;

    private void Lead(int index, Ipv4Address address, Ipv4Address? from, bool replace)
    {
        Links.AddHostRoute(index, address, from, replace, isFirst: true);
        _ledFrom = from;
        Links.KeepNeighbor(index, address, neighbor);
    }

    /// <summary>It goes when the interface goes down, and with the address that the host answers with.</summary>
    private void KeepRoute(int index, Ipv4Address address)
    {
        try
        {
            Links.AddHostRoute(index, address, _ledFrom, isFirst: true);
        }
        catch (SystemCallException e) when (e.ErrorNumber is Errno.EEXIST or Errno.EINVAL)
        {
            // It is there; or that address is gone, and who knows it comes with another (Follow).
        }
    }
}
