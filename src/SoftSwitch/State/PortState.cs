using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>
/// What lives on of a port: its outside half, the port that forwards while there is one, and how it is. Changed by the control loop alone;
/// the API reads.
/// </summary>
internal sealed class PortState(PortModel model, Endpoint endpoint, Worker worker, Bridge bridge)
{
    private volatile DevicePort? _port;
    private volatile Membership? _membership;
    private volatile string? _reason;
    private volatile PortStatus _status = PortStatus.Failed;
    private long _kernelDrops;
    private long _kernelDropsBefore;
    private PortCounters _closed;

    public PortModel Model => model;

    public Endpoint Endpoint => endpoint;

    /// <summary>The bridge that it is plugged into: its network's, or one that a network's way out has to itself.</summary>
    public Bridge Bridge => bridge;

    /// <summary>The worker that receives from it.</summary>
    public Worker Worker => worker;

    /// <summary>The open port; null while it has failed.</summary>
    public DevicePort? Port => _port;

    /// <summary>Its place in <see cref="Bridge"/> while it is open.</summary>
    public Membership? Membership => _membership;

    public PortStatus Status => _status;

    /// <summary>Why it is failed or down.</summary>
    public string? Reason => _reason;

    /// <summary>Frames the kernel dropped before the switch read them.</summary>
    public long KernelDrops => Volatile.Read(ref _kernelDrops);

    /// <summary>The moment of the next try, while it has failed.</summary>
    public long RetryAt { get; private set; }

    public void Opened(DevicePort port) => _port = port;

    public void Joined(Membership membership) => _membership = membership;

    /// <returns>True when this is news.</returns>
    public bool Set(PortStatus status, string? reason)
    {
        var isNews = status != _status || reason != _reason;
        _reason = reason;
        _status = status;
        return isNews;
    }

    /// <summary>Keeps the counters of a port that is closed: they go on where they were when it comes back.</summary>
    public void Closed()
    {
        if (_port is { } port)
            _closed.Add(port.Total());
        _kernelDropsBefore = _kernelDrops;
        _port = null;
        _membership = null;
    }

    public void RetryAfter(long now, int milliseconds) => RetryAt = now + milliseconds;

    /// <summary>Asks the kernel what it dropped. A port that was opened anew counts on from what it had.</summary>
    public void PollKernelDrops()
    {
        if (_port is { } port)
            Volatile.Write(ref _kernelDrops, _kernelDropsBefore + port.KernelDrops() + endpoint.Dropped());
    }

    public PortCounters Counters()
    {
        var counters = _closed;
        if (_port is { } port)
            counters.Add(port.Total());
        return counters;
    }
}
