using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The way out that leads to the host itself, where the outside address is the host's: a tap, for the kernel takes no packet from outside
/// with its own address as the source. And the way back: what the host says to forwards is led there (<see cref="HostForwards"/>). Used by
/// the control loop alone, but for <see cref="Way"/> and <see cref="Look"/>.
/// </summary>
/// <param name="running">The switch that it is part of.</param>
/// <param name="name">The first of the networks behind it.</param>
/// <param name="links">The host's interfaces.</param>
internal sealed class HostWay(INatSwitch running, string name, Links links) : IDisposable
{
    private volatile OutsideBridge? _way;
    private HostForwards? _forwards;
    private Ipv6Forwards? _ipv6Forwards;
    private HostPorts? _hostPorts;
    private Ipv4Address _shared;
    private bool _isReached;
    private string? _obstacle, _ipv6Obstacle;
    private long _openedAt;

    /// <summary>Null while it isn't open.</summary>
    public OutsideBridge? Way => _way;

    /// <summary>What may be seen of it from any thread; null while it isn't open.</summary>
    public WaySnapshot? Look() => _way is not { Port.Endpoint: HostWayEndpoint leg } way ? null
        : new(leg.InterfaceName, way.Station.Address, IsOpen: true, new(Interlocked.Read(ref _openedAt)), "to the host itself",
            way.Translator);

    /// <summary>The number of its interface; 0 while it isn't open.</summary>
    public int Index => Leg?.Index ?? 0;

    /// <summary>Brings it in line with what the host has now.</summary>
    /// <param name="shared">The address of the host that guests see; null: it has none that they could answer to, and what it says to
    /// forwards is led nowhere.</param>
    /// <returns>False: it isn't open.</returns>
    public bool Follow(Ipv4Address? shared, HostIpv4 host)
    {
        (_shared, _isReached) = (shared ?? _shared, shared is not null);
        if (Leg is not { } leg)
            return false;
        leg.Follow(host, shared);
        leg.Reach(host);
        return true;
    }

    /// <summary>Opens it.</summary>
    /// <param name="shared">The address of the host that guests see.</param>
    /// <param name="translator">Makes one for the address by which the host knows us.</param>
    public void Open(Ipv4Address shared, HostIpv4 host, Func<Ipv4Address, Napt> translator, InsideNetworks inside)
    {
        // Both ends have addresses of our choice: the tap keeps its own when it has to be made anew.
        var (mac, tap) = (running.Macs.HostWay(name), running.Macs.HostWayTap(name));
        var portName = $"{name}.host";
        var interfaceName = InterfaceEndpoint.NameLeft(running.Inherited, portName) ?? FreeName();
        var port = new HostModel { Name = portName, Network = name, Interface = interfaceName, Mtu = HostWayEndpoint.MaxMtu };
        var endpoint = new HostWayEndpoint(new(port.Name, interfaceName, port.Mtu, tap), mac, shared);
        Interlocked.Exchange(ref _openedAt, Environment.TickCount64);
        _way = OutsideBridge.Open(running, port, endpoint, () => new(
            port.Name, mac, endpoint.Address!.Value, new(endpoint.Address.Value, 32), port.Mtu, running.Workers.Count,
            translator(endpoint.Address.Value), ownsAddress: true, new([(new(default, 0), null)]), tap)
            {
                Inside = inside, Ipv6Clients = endpoint.Clients,
            });
        endpoint.Reach(host);
    }

    /// <summary>Leads what the host says to forwards here, once the way is open. Where the kernel can't, the rest goes on, and it is tried
    /// again with the next <see cref="Tick"/>.</summary>
    public void Lead(SharedPorts ports)
    {
        if (_way is not { } way || Leg is not { } leg || (_forwards is null && ports.ForwardedToHost.Count == 0))
            return;
        try
        {
            leg.RouteLoopback();
            _forwards ??= new(leg.InterfaceName, goesOn: running.Inherited.IsThere);
            _forwards.Lead(way.Station.Address, _shared, _isReached ? ports.ForwardedToHost : [], ports.Pool);
            if (_obstacle is not null)
                running.Log.News(LogSubject.OfNetwork(name), LogLevel.Info, "the host itself reaches forwards now");
            _obstacle = null;
        }
        catch (SystemCallException e)
        {
            Tell(e);
        }
        LeadIpv6(leg, ports);
    }

    /// <summary>About once a second: what couldn't be led may be now, and ports of wide ranges where the host has sockets are the
    /// host's.</summary>
    public void Tick(SharedPorts ports)
    {
        if (_obstacle is not null || _ipv6Obstacle is not null)
            Lead(ports);
        if (_forwards is null || ports.Wide.Count == 0)
            return;
        // A program may have such a port at any of the host's addresses, and at 127.0.0.1.
        if ((_hostPorts ??= new()).Poll(null, ports.Wide))
        {
            _forwards.Except(_hostPorts.InUse);
            _ipv6Forwards?.Except(_hostPorts.InUse);
        }
    }

    /// <summary>Closes it: when this returns, no worker is in it. It can be opened again.</summary>
    public void Close()
    {
        _forwards?.Dispose();
        _ipv6Forwards?.Dispose();
        _hostPorts?.Dispose();
        (_forwards, _ipv6Forwards, _hostPorts) = (null, null, null);
        _way?.Close(running);
        _way = null;
    }

    /// <summary>Has the host led until the program that goes on in this process does that. Its port is left as all ports are.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Hold(Inheritance heir)
    {
        _forwards?.Hold(heir);
        _ipv6Forwards?.Hold(heir);
    }

    public void Dispose() => Close();

    /// <summary>The same for what the host says to ::1. A host without IPv6 lacks nothing.</summary>
    private void LeadIpv6(HostWayEndpoint leg, SharedPorts ports)
    {
        try
        {
            if (leg.LeadIpv6() is not var (way, clients))
                return;
            _ipv6Forwards ??= new(leg.InterfaceName, goesOn: running.Inherited.IsThere);
            _ipv6Forwards.Lead(way, clients, _isReached ? ports.ForwardedToHost : []);
            _ipv6Obstacle = null;
        }
        catch (SystemCallException e)
        {
            if (e.Message != _ipv6Obstacle)
                running.Log.News(LogSubject.OfNetwork(name), LogLevel.Info,
                    $"the host itself doesn't reach forwards at ::1, only at 127.0.0.1 and its other addresses: {e.Message}");
            _ipv6Obstacle = e.Message;
        }
    }

    private void Tell(SystemCallException e)
    {
        if (e.Message != _obstacle)
            running.Log.News(LogSubject.OfNetwork(name), LogLevel.Warning, $"the host itself can't reach forwards: {e.Message}");
        _obstacle = e.Message;
    }

    private HostWayEndpoint? Leg => _way?.Port.Endpoint as HostWayEndpoint;

    private string FreeName()
    {
        var first = $"sn-{name}"[..int.Min(InterfaceName.MaxLength, name.Length + 3)];
        return links.Find(first) is null ? first
            : Enumerable.Range(0, 1000).Select(number => $"sn-host{number}").First(other => links.Find(other) is null);
    }
}
