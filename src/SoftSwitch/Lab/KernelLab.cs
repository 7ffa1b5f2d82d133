using System.Globalization;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Lab;

/// <summary>
/// A lab in network namespaces: the switch in one, each station in another, all unnamed and held by this process alone, so that nothing
/// shows on the host and all of it goes when the process ends for any reason. The switch is the one of `run`, its ports put into the
/// stations' namespaces.
/// </summary>
internal sealed class KernelLab : IDisposable
{
    private const int UpMilliseconds = 5000;

    /// <summary>RFC 8200, 5.</summary>
    private const int Ipv6MinimumMtu = 1280;

    /// <summary>
    /// The kernel keeps the neighbors of all namespaces, the host's too, in one table (gc_thresh3: 1024). More stations than these would
    /// crowd the host out, so they know each other's hardware addresses beforehand: such entries don't count.
    /// </summary>
    private const int MostThatAsk = 16;

    private readonly LabPlan _plan;
    private readonly NetworkNamespace _own;
    private readonly List<NetworkNamespace> _spaces = [];
    private readonly RememberedLog _news = new();
    private RunningSwitch? _running;

    private KernelLab(LabPlan plan)
    {
        _plan = plan;
        _own = NetworkNamespace.CreateUnnamed();
    }

    /// <summary>Why IPv6 can't be shown; null: it can.</summary>
    public string? NoIpv6 { get; private set; }

    /// <exception cref="SystemCallException">The machine refused.</exception>
    /// <exception cref="StartRefusedException">A port could not be opened.</exception>
    public static KernelLab Start(LabPlan plan, LabRung rung)
    {
        var lab = new KernelLab(plan);
        try
        {
            lab.Build(rung);
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    /// <summary>The ports that failed or went down, a line each.</summary>
    public IEnumerable<string> Troubles => _news.Lines.Where(line => line.Level != LogLevel.Info).Select(line => line.Text);

    public NetworkNamespace SpaceOf(LabStation station) => station.Role == LabRole.Host ? _own : _spaces[station.Number];

    /// <summary>Waits until every port is up.</summary>
    /// <returns>A line for each that isn't in time.</returns>
    public IReadOnlyList<string> WaitUntilUp(CancellationToken stop)
    {
        for (var end = Environment.TickCount64 + UpMilliseconds; Environment.TickCount64 < end; Thread.Sleep(5))
        {
            stop.ThrowIfCancellationRequested();
            if (_running!.Ports.All.All(port => port.Status == PortStatus.Up))
                return [];
        }
        return [.. _running!.Ports.All.Where(port => port.Status != PortStatus.Up)
            .Select(port => $"port {port.Model.Name} is {port.Status.Word()}: {port.Reason ?? "nobody is at its other end"}")];
    }

    public void Dispose()
    {
        _running?.Dispose();
        foreach (var space in _spaces)
            space.Dispose();
        _own.Dispose();
    }

    private void Build(LabRung rung)
    {
        SetLoopbackUp(_own);
        foreach (var station in _plan.Stations)
        {
            // The host is the last of them, and where the switch is.
            if (station.Role != LabRole.Host)
            {
                _spaces.Add(NetworkNamespace.CreateUnnamed());
                SetLoopbackUp(SpaceOf(station));
            }
        }
        foreach (var wire in _plan.Wires)
            Connect(wire);
        var model = _plan.Model with
        {
            Networks = [.. _plan.Model.Networks.Select(network =>
                network is { Mode: NetworkMode.HostOnly, HostInterface: null } ? network with { Mode = NetworkMode.Internal } : network)],
            Ports = [.. _plan.Stations.Where(station => station.Port is not null).Select(station => Played(station, rung))],
            // A file for another machine's processors says nothing about this one.
            Cpus = [],
            Poll = PollMode.Adaptive,
        };
        // The switch's threads are born inside: a thread has its namespace from the one that starts it.
        _running = _own.Run(() => RunningSwitch.Start(model, isStrict: true, StationMacs.OfNames, AddressMemory.None, _news));
        if (_plan.Stations.FirstOrDefault(station => station.Port?.Mtu < Ipv6MinimumMtu) is { } narrow)
            NoIpv6 = string.Create(CultureInfo.InvariantCulture,
                $"the MTU of port {narrow.Name}: it is {narrow.Port!.Mtu}, and IPv6 needs {Ipv6MinimumMtu}");
        foreach (var station in _plan.Stations)
            GiveAddresses(station);
        if (_plan.Stations.Count > MostThatAsk)
            IntroduceAll();
    }

    private PortModel Played(LabStation station, LabRung rung)
    {
        // The host is its guests' neighbor by a tap.
        var port = station.Port!;
        if (station.Role == LabRole.Lan)
            return port is NicModel { IsUplink: true } uplink ? uplink with { IsUplink = rung == LabRung.Taps } : port;
        var own = (port as InterfaceModel)?.Address;
        var netns = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{SpaceOf(station).Fd}");
        return rung == LabRung.Taps
            ? new TapModel { Name = port.Name, Network = port.Network, Mac = port.Mac, Mtu = port.Mtu, Interface = station.Interface,
                Netns = netns, Address = own }
            : new VethModel { Name = port.Name, Network = port.Network, Mac = port.Mac, Mtu = port.Mtu, Interface = station.Interface,
                Netns = netns, Address = own };
    }

    /// <summary>The interface that the file expects, and whoever is at the other end of its cable.</summary>
    private void Connect(LabWire wire)
    {
        var station = _plan.Stations[wire.Station];
        using var near = new Links(_own);
        using var far = new Links(SpaceOf(station));
        var link = near.CreateVethPair(wire.Interface, null, station.Interface, null, SpaceOf(station));
        near.DisableAddressGeneration(link.Index);
        near.SetMtu(link.Index, wire.Mtu);
        near.SetUp(link.Index);
        var end = far.Find(station.Interface)!.Index;
        far.SetMtu(end, wire.Mtu);
        far.SetUp(end);
        if (wire.Host is not { } host)
            return;
        near.AddAddress(link.Index, host.Address, host.PrefixLength);
        far.AddAddress(end, wire.Router, host.PrefixLength);
        far.AddAddress(end, wire.Far, 32);
        if (wire.IsDefault)
            near.AddDefaultRoute(wire.Router);
        var outsides = _plan.Outsides.Where(outside => outside.Station == station.Number).ToList();
        foreach (var outside in outsides)
            far.AddAddress(end, outside.Router, outside.SeenAs.PrefixLength);
        // Whoever is outside and asks for an address of the inside gets its question as far as the switch.
        far.AddDefaultRoute((outsides.Find(outside => outside.SharesHost) ?? outsides[0]).SeenAs.Address);
    }

    private void GiveAddresses(LabStation station)
    {
        using var links = new Links(SpaceOf(station));
        foreach (var address in station.Addresses)
        {
            var index = Interface(links, station, address).Index;
            var isHost = station.Role == LabRole.Host;
            links.AddAddress(index, address.Ipv4, isHost ? LabPlan.Ipv4DomainLength : LabPlan.Ipv4PrefixLength);
            if (NoIpv6 is not null)
                continue;
            try
            {
                links.AddAddress(index, address.Ipv6, isHost ? LabPlan.Ipv6DomainLength : LabPlan.Ipv6PrefixLength);
            }
            catch (SystemCallException e)
            {
                NoIpv6 = e.Message;
            }
        }
        if (station.Inside is { } inside)
            links.AddAddress(Interface(links, station, station.Addresses[0]).Index, inside.Address, inside.PrefixLength);
        if (station.Gateway is { } gateway && station.Inside is { } own && own.Subnet.Contains(gateway))
            links.AddDefaultRoute(gateway);
    }

    /// <summary>Where a station has one of its addresses.</summary>
    private LinkInfo Interface(Links links, LabStation station, LabAddress address)
    {
        var name = station.Role != LabRole.Host ? station.Interface
            : _plan.Wires.FirstOrDefault(wire => wire.Domain == address.Domain
                && _plan.Stations[wire.Station].Port is null or NicModel { IsUplink: true })?.Interface
                ?? _plan.Model.Networks.Single(network => network.Name == address.Domain).HostInterface!;
        return links.Find(name) ?? throw new InvalidOperationException($"{station.Name} lost its interface {name}");
    }

    private static void SetLoopbackUp(NetworkNamespace space)
    {
        using var links = new Links(space);
        if (links.Find("lo") is { } loopback)
            links.SetUp(loopback.Index);
    }

    private void IntroduceAll()
    {
        var all = _plan.Stations.SelectMany(station =>
        {
            using var links = new Links(SpaceOf(station));
            return station.Addresses.Select(address => (Station: station, Address: address, Link: Interface(links, station, address)))
                .ToList();
        }).ToList();
        foreach (var (station, address, link) in all)
        {
            using var links = new Links(SpaceOf(station));
            foreach (var other in all)
            {
                // The host knows of each domain only those who are on it.
                if (other.Station == station || (station.Role == LabRole.Host && !other.Station.IsOn(address.Domain)))
                    continue;
                links.AddNeighbor(link.Index, other.Address.Of(isIpv6: false), other.Link.MacAddress);
                if (NoIpv6 is null)
                    links.AddNeighbor(link.Index, other.Address.Ipv6, other.Link.MacAddress);
                if (station.Inside is { } mine && other.Station.Inside is { } theirs && mine.Subnet == theirs.Subnet
                    && station.IsNeighborOf(other.Station))
                    links.AddNeighbor(link.Index, theirs.Address.ToIPAddress(), other.Link.MacAddress);
            }
        }
    }
}
