using System.Globalization;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Relays;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The way out that leads to the host itself, where the outside address is the host's: a tap, for the kernel takes no packet from outside
/// with its own address as the source. And the way back: the listeners by which the host reaches forwards. Used by the control loop alone,
/// but for <see cref="Way"/>, <see cref="Look"/> and the counts.
/// </summary>
/// <param name="running">The switch that it is part of.</param>
/// <param name="name">The first of the networks behind it.</param>
/// <param name="links">The host's interfaces.</param>
internal sealed class HostWay(INatSwitch running, string name, Links links) : IDisposable
{
    private volatile HostForwards? _listeners;
    private volatile OutsideBridge? _way;
    private (long Refused, long GivenUp) _told;
    private long _openedAt;

    /// <summary>Null while it isn't open.</summary>
    public OutsideBridge? Way => _way;

    /// <summary>What may be seen of it from any thread; null while it isn't open.</summary>
    public WaySnapshot? Look() => _way is not { Port.Endpoint: HostWayEndpoint leg } way ? null
        : new(leg.InterfaceName, way.Station.Address, IsOpen: true, new(Interlocked.Read(ref _openedAt)), "to the host itself",
            way.Translator);

    /// <summary>The number of its interface; 0 while it isn't open.</summary>
    public int Index => Leg?.Index ?? 0;

    /// <summary>Connections and conversations from the host that a limit refused.</summary>
    public long Refused => _listeners?.Refused ?? 0;

    /// <summary>Conversations from the host that the guest never answered and that gave way to others.</summary>
    public long GivenUp => _listeners?.GivenUp ?? 0;

    /// <summary>Says what the limits of forwards from the host cost, when that has grown.</summary>
    public void TellLimits()
    {
        var now = (Refused, GivenUp);
        if (now == _told)
            return;
        _told = now;
        running.Log.News(ForwardsFromHost, LogLevel.Warning,
            string.Create(CultureInfo.InvariantCulture,
                $"the limit is reached: so far {now.Refused} connections or conversations were refused, and {now.GivenUp} ")
            + "that the guest never answered gave way to new ones; a program of the host speaks to more than the guest answers");
    }

    /// <summary>Opens it, or brings it in line with what the host has now.</summary>
    /// <param name="translator">Makes one for the address by which the host knows us.</param>
    /// <returns>True when it was opened.</returns>
    public bool Follow(OutsideLink link, HostIpv4 host, Func<Ipv4Address, Napt> translator, InsideNetworks inside)
    {
        Ipv4Address[] own = [.. host.Reached];
        if (Leg is { } leg)
        {
            leg.Follow(host, link.Address);
            leg.Reach(own);
            return false;
        }
        // Both ends have addresses of our choice: the tap keeps its own when it has to be made anew.
        var (mac, tap) = (running.Macs.HostWay(name), running.Macs.HostWayTap(name));
        var interfaceName = FreeName();
        var port = new HostModel { Name = $"{name}.host", Network = name, Interface = interfaceName, Mtu = HostWayEndpoint.MaxMtu };
        var endpoint = new HostWayEndpoint(new(port.Name, interfaceName, port.Mtu, tap), mac, link.Address);
        Interlocked.Exchange(ref _openedAt, Environment.TickCount64);
        _way = OutsideBridge.Open(running, port, endpoint, () => new(
            port.Name, mac, endpoint.Address!.Value, new(endpoint.Address.Value, 32), port.Mtu, running.Workers.Count,
            translator(endpoint.Address.Value), ownsAddress: true, new([(new(default, 0), null)]), tap) { Inside = inside });
        endpoint.Reach(own);
        return true;
    }

    /// <summary>Serves forwarded ports for the host, once the way is open.</summary>
    /// <param name="ports">With sockets of theirs.</param>
    /// <param name="isNews">They are others than at the last call.</param>
    public void Listen(SharedPorts ports, bool isNews)
    {
        if ((_listeners is not null && !isNews) || _way is not { } way || Leg is not { } leg)
            return;
        var listeners = _listeners ?? new HostForwards(leg.InterfaceName, e => running.Log.Failed(ForwardsFromHost, e));
        try
        {
            listeners.Apply(way.Station.Address, ports.Forwarded, ports.Sockets, ports.Pool);
            _listeners = listeners;
        }
        catch when (_listeners is null)
        {
            listeners.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _listeners?.Dispose();
        _way?.Close(running);
        _way = null;
    }

    private LogSubject ForwardsFromHost => new($"network {name}: forwards from the host", Network: name);

    private HostWayEndpoint? Leg => _way?.Port.Endpoint as HostWayEndpoint;

    private string FreeName()
    {
        var first = $"sn-{name}"[..int.Min(InterfaceName.MaxLength, name.Length + 3)];
        return links.Find(first) is null ? first
            : Enumerable.Range(0, 1000).Select(number => $"sn-host{number}").First(other => links.Find(other) is null);
    }
}
