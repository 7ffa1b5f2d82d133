using System.Collections.Concurrent;
using System.Globalization;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
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

    /// <summary>
    /// The kernel keeps the neighbors of all namespaces, the host's too, in one table (gc_thresh3: 1024). More stations than these would
    /// crowd the host out, so they know each other's hardware addresses beforehand: such entries don't count.
    /// </summary>
    private const int MostThatAsk = 16;

    private readonly LabSpaces _spaces;
    private readonly RememberedLog _news = new();
    private RunningSwitch? _running;

    private KernelLab(LabPlan plan)
    {
        Plan = plan;
        _spaces = new(plan);
    }

    /// <summary>What is played; the addresses that guests get at their boot are in it once they have booted.</summary>
    public LabPlan Plan { get; private set; }

    /// <summary>What guests were told when they booted, by their numbers.</summary>
    public IReadOnlyDictionary<int, LabLease> Leases { get; private set; } = new Dictionary<int, LabLease>();

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

    public NetworkNamespace SpaceOf(LabStation station) => _spaces.Of(station);

    /// <summary>Waits until every port is up, boots the guests that get their addresses by DHCP, and gives all others theirs.</summary>
    /// <returns>A line for each port that isn't up in time, and for each guest that is told nothing.</returns>
    public IReadOnlyList<string> Settle(CancellationToken stop) => [.. WaitUntilUp(stop), .. Boot(stop)];

    public void Dispose()
    {
        _running?.Dispose();
        _spaces.Dispose();
    }

    private IReadOnlyList<string> WaitUntilUp(CancellationToken stop)
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

    /// <summary>All guests side by side.</summary>
    private IReadOnlyList<string> Boot(CancellationToken stop)
    {
        var told = new ConcurrentDictionary<int, LabLease>();
        var booting = Plan.Stations.Where(station => station.BootsByDhcp).ToList();
        var threads = booting.Select(station => new Thread(() =>
        {
            if (BootProbe.Boot(station, SpaceOf(station), stop) is { } lease)
                told[station.Number] = lease;
        }) { IsBackground = true, Name = $"boot {station.Name}" }).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        stop.ThrowIfCancellationRequested();
        (Leases, Plan) = (told, Plan.With(told));
        var interfaces = new LabInterfaces(Plan, _spaces);
        foreach (var station in Plan.Stations)
            interfaces.GiveAddresses(station);
        if (Plan.Stations.Count > MostThatAsk)
            interfaces.Introduce();
        NoIpv6 = interfaces.NoIpv6;
        return [.. booting.Where(station => !told.ContainsKey(station.Number))
            .Select(station => $"{station.Name} is given no address by DHCP")];
    }

    private void Build(LabRung rung)
    {
        _spaces.Open();
        var interfaces = new LabInterfaces(Plan, _spaces);
        foreach (var wire in Plan.Wires)
            interfaces.Connect(wire);
        var model = Plan.Model with
        {
            Networks = [.. Plan.Model.Networks.Select(network =>
                network is { Mode: NetworkMode.HostOnly, HostInterface: null } ? network with { Mode = NetworkMode.Internal } : network)],
            Ports = [.. Plan.Stations.Where(station => station.Port is not null).Select(station => Played(station, rung))],
            // A file for another machine's processors says nothing about this one.
            Cpus = [],
            Poll = PollMode.Adaptive,
        };
        // The switch's threads are born inside: a thread has its namespace from the one that starts it.
        _running = _spaces.Own.Run(() => RunningSwitch.Start(
            model, isStrict: true, StationMacs.OfNames, AddressMemory.None, LeaseMemory.None, OutsideLeaseMemory.None, _news));
    }

    private PortModel Played(LabStation station, LabRung rung)
    {
        // The host is its guests' neighbor by a tap.
        var port = station.Port!;
        if (station.Role == LabRole.Lan)
            return port is NicModel { IsUplink: true } uplink ? uplink with { IsUplink = rung == LabRung.Taps } : port;
        InterfaceModel played = rung == LabRung.Taps
            ? new TapModel { Name = port.Name, Network = port.Network, Interface = station.Interface }
            : new VethModel { Name = port.Name, Network = port.Network, Interface = station.Interface };
        return played with
        {
            Mac = port.Mac,
            Mtu = port.Mtu,
            Netns = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{SpaceOf(station).Fd}"),
            Address = (port as InterfaceModel)?.Address,
        };
    }
}
