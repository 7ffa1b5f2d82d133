using System.Globalization;
using System.Net;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.State;

namespace SoftSwitch.Lab;

/// <summary>
/// A lab in network namespaces: the switch in one, each station in another, all unnamed and held by this process alone, so that nothing shows on the
/// host and all of it goes when the process ends for any reason. The switch is the one of `run`, its ports put into the stations' namespaces.
/// </summary>
internal sealed class KernelLab : IDisposable
{
    private const int UpMilliseconds = 5000;

    /// <summary>RFC 8200, 5.</summary>
    private const int Ipv6MinimumMtu = 1280;

    /// <summary>
    /// The kernel keeps the neighbours of all namespaces, the host's too, in one table (gc_thresh3: 1024). More stations than these would crowd the host out, so
    /// they know each other's hardware addresses beforehand: such entries don't count.
    /// </summary>
    private const int MostThatAsk = 16;

    private readonly LabPlan _plan;
    private readonly NetworkNamespace _own;
    private readonly List<NetworkNamespace> _spaces = [];
    private readonly StringWriter _news = new(CultureInfo.InvariantCulture);
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
    public IEnumerable<string> Troubles => _news.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => !line.EndsWith(": up", StringComparison.Ordinal));

    public NetworkNamespace SpaceOf(LabStation station) => _spaces[station.Number];

    /// <summary>Waits until every port is up.</summary>
    /// <returns>A line for each that isn't in time.</returns>
    public IReadOnlyList<string> WaitUntilUp(CancellationToken stop)
    {
        for (var end = Environment.TickCount64 + UpMilliseconds; Environment.TickCount64 < end; Thread.Sleep(5))
        {
            stop.ThrowIfCancellationRequested();
            if (_running!.Ports.All(port => port.Status == PortStatus.Up))
                return [];
        }
        return [.. _running!.Ports.Where(port => port.Status != PortStatus.Up)
            .Select(port => $"port {port.Model.Name} is {port.Status.ToString().ToLowerInvariant()}: {port.Reason ?? "nobody is at its other end"}")];
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
        foreach (var station in _plan.Stations)
        {
            _spaces.Add(NetworkNamespace.CreateUnnamed());
            if (station.Port is NicModel nic)
                PlayLan(station, nic);
        }
        var model = _plan.Model with
        {
            Ports = [.. _plan.Stations.Select(station => Played(station, rung))],
            // A file for another machine's processors says nothing about this one.
            Cpus = [],
            Poll = PollMode.Adaptive,
        };
        // The switch's threads are born inside: a thread has its namespace from the one that starts it.
        _running = _own.Run(() => RunningSwitch.Start(model, TextWriter.Synchronized(_news)));
        if (_plan.Stations.FirstOrDefault(station => station.Port.Mtu < Ipv6MinimumMtu) is { } narrow)
            NoIpv6 = string.Create(CultureInfo.InvariantCulture, $"the MTU of port {narrow.Name}: it is {narrow.Port.Mtu}, and IPv6 needs {Ipv6MinimumMtu}");
        foreach (var station in _plan.Stations)
            GiveAddresses(station);
        if (_plan.Stations.Count > MostThatAsk)
            IntroduceAll();
    }

    private PortModel Played(LabStation station, LabRung rung)
    {
        if (station.Port is NicModel nic)
            return nic;
        var port = station.Port;
        var netns = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{SpaceOf(station).Fd}");
        return rung == LabRung.Taps
            ? new TapModel { Name = port.Name, Network = port.Network, Mac = port.Mac, Mtu = port.Mtu, Interface = station.Interface, Netns = netns, Address = station.Own }
            : new VethModel { Name = port.Name, Network = port.Network, Mac = port.Mac, Mtu = port.Mtu, Interface = station.Interface, Netns = netns, Address = station.Own };
    }

    /// <summary>The interface that a NIC port expects, and a host at the other end of its cable.</summary>
    private void PlayLan(LabStation station, NicModel nic)
    {
        using var near = new Links(_own);
        using var far = new Links(SpaceOf(station));
        var link = near.CreateVethPair(nic.Interface, null, station.Interface, null, SpaceOf(station));
        near.DisableAddressGeneration(link.Index);
        near.SetMtu(link.Index, nic.Mtu);
        near.SetUp(link.Index);
        var host = far.Find(station.Interface)!;
        far.SetMtu(host.Index, nic.Mtu);
        far.SetUp(host.Index);
    }

    private void GiveAddresses(LabStation station)
    {
        using var links = new Links(SpaceOf(station));
        if (links.Find("lo") is { } loopback)
            links.SetUp(loopback.Index);
        var link = links.Find(station.Interface) ?? throw new InvalidOperationException($"port {station.Name} lost its interface");
        links.AddAddress(link.Index, station.Ipv4, LabPlan.Ipv4PrefixLength);
        if (NoIpv6 is not null)
            return;
        try
        {
            links.AddAddress(link.Index, station.Ipv6, LabPlan.Ipv6PrefixLength);
        }
        catch (SystemCallException e)
        {
            NoIpv6 = e.Message;
        }
    }

    private void IntroduceAll()
    {
        var macs = _plan.Stations.Select(station =>
        {
            using var links = new Links(SpaceOf(station));
            return links.Find(station.Interface)!.MacAddress;
        }).ToList();
        foreach (var station in _plan.Stations)
        {
            using var links = new Links(SpaceOf(station));
            var index = links.Find(station.Interface)!.Index;
            foreach (var other in _plan.Stations)
            {
                if (other == station)
                    continue;
                links.AddNeighbour(index, other.Ipv4Address, macs[other.Number]);
                if (NoIpv6 is null)
                    links.AddNeighbour(index, other.Ipv6, macs[other.Number]);
                if (station.Own is not null && other.Own is { } own && station.MustReach(other))
                    links.AddNeighbour(index, IPAddress.Parse(own.Address.ToString()), macs[other.Number]);
            }
        }
    }
}
