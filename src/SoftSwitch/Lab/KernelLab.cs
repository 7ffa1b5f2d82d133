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

    private readonly LabPlan _plan;
    private readonly LabSpaces _spaces;
    private readonly LabInterfaces _interfaces;
    private readonly RememberedLog _news = new();
    private RunningSwitch? _running;

    private KernelLab(LabPlan plan)
    {
        _plan = plan;
        _spaces = new(plan);
        _interfaces = new(plan, _spaces);
    }

    /// <summary>Why IPv6 can't be shown; null: it can.</summary>
    public string? NoIpv6 => _interfaces.NoIpv6;

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
        _spaces.Dispose();
    }

    private void Build(LabRung rung)
    {
        _spaces.Open();
        foreach (var wire in _plan.Wires)
            _interfaces.Connect(wire);
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
        _running = _spaces.Own.Run(() => RunningSwitch.Start(
            model, isStrict: true, StationMacs.OfNames, AddressMemory.None, LeaseMemory.None, _news));
        foreach (var station in _plan.Stations)
            _interfaces.GiveAddresses(station);
        if (_plan.Stations.Count > MostThatAsk)
            _interfaces.Introduce();
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
