using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.HostNeighbor;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>
/// What lives on of a port: its outside half, the port that forwards while there is one, and how it is. Used by the control loop alone, but
/// for <see cref="Look"/>.
/// </summary>
/// <param name="model">As the file has it, or as its network brings it.</param>
/// <param name="endpoint">Its outside half.</param>
/// <param name="worker">The worker that receives from it at first.</param>
/// <param name="bridge">The bridge that it is plugged into at first.</param>
/// <param name="needs">The port without which it isn't open; null: it needs none.</param>
internal sealed class PortState(PortModel model, Endpoint endpoint, Worker worker, Bridge bridge, PortState? needs = null)
{
    private volatile PortModel _model = model;
    private volatile Bridge _bridge = bridge;
    private volatile DevicePort? _port;
    private volatile Membership? _membership;
    private volatile PortSnapshot? _shown;
    private long _droppedIn, _droppedOut;
    private (long In, long Out) _droppedBefore;
    private PortCounters _closed;

    /// <summary>As the file has it, or as its network brings it. For any thread.</summary>
    public PortModel Model => _model;

    public Endpoint Endpoint => endpoint;

    /// <summary>The bridge that it is plugged into: its network's, or one that a network's way out has to itself.</summary>
    public Bridge Bridge => _bridge;

    /// <summary>The worker that receives from it.</summary>
    public Worker Worker { get; private set; } = worker;

    /// <summary>The port without which it isn't open: it is closed before that one, and opened again behind it. Null: it needs
    /// none.</summary>
    public PortState? Needs => needs;

    /// <summary>The port that needs this one; null: none does.</summary>
    public PortState? NeededBy { get; set; }

    /// <summary>The open port; null while it has failed.</summary>
    public DevicePort? Port => _port;

    /// <summary>Its place in <see cref="Bridge"/> while it is open.</summary>
    public Membership? Membership => _membership;

    public PortStatus Status => _shown?.Status ?? PortStatus.Failed;

    /// <summary>Why it is failed or down.</summary>
    public string? Reason { get; private set; }

    /// <summary>What isn't as it should be there, though it is up; null: nothing.</summary>
    public string? Remark
    {
        get;
        set
        {
            field = value;
            _shown = _shown is { } shown ? shown with { Reason = Shown(shown.Status) } : null;
        }
    }

    /// <summary>It is taken out, because it is part of a loop; null: it isn't.</summary>
    public PortLoop? Loop { get; set; }

    /// <summary>Its network waits, and why: it takes no part in forwarding; null: it doesn't.</summary>
    public string? Held { get; set; }

    /// <summary>It isn't opened while its network waits: it would put an address on the host, beside what has the subnet.</summary>
    public bool IsKeptClosed => Held is not null && _model is InterfaceModel { Netns: null, Address: not null };

    /// <summary>What of its endpoint's complaints was told last.</summary>
    public string? ToldComplaint { get; set; }

    /// <summary>When it has come up for the last time, as a number in the order in which ports have.</summary>
    public long CameUp { get; set; }

    /// <summary>When it is tried again, while it has failed.</summary>
    public RetryPace Retries { get; } = new();

    /// <summary>It is to be another from now on, by no more than what doesn't concern its other end; that has taken its MTU before
    /// (<see cref="Resize"/>).</summary>
    public void Change(PortModel after)
    {
        _model = after;
        _membership?.FloodLimit = after.FloodLimit;
        Show();
    }

    /// <summary>It is plugged into another bridge.</summary>
    /// <param name="to">The bridge.</param>
    /// <param name="place">Its place there; null: it isn't open.</param>
    public void Move(PortModel after, Bridge to, Membership? place)
    {
        (_model, _bridge, _membership, Loop) = (after, to, place, null);
        place?.FloodLimit = after.FloodLimit;
        Show();
    }

    /// <summary>Its longest packet is another from now on.</summary>
    /// <exception cref="SystemCallException">The machine refuses.</exception>
    public void Resize(int mtu)
    {
        endpoint.Resize(mtu);
        _membership?.Bridge.Renew();
    }

    /// <summary>Another worker receives from it from now on. Nothing is lost.</summary>
    public void HandOver(Worker to)
    {
        if (_port is { } open && _membership is not null)
            Worker.HandOver(open, to);
        Worker = to;
    }

    public void Opened(DevicePort port)
    {
        _port = port;
        Retries.Restart();
    }

    public void Joined(Membership membership)
    {
        membership.FloodLimit = _model.FloodLimit;
        _membership = membership;
    }

    /// <returns>True when this is news.</returns>
    public bool Set(PortStatus status, string? reason)
    {
        var isNews = status != Status || reason != Reason;
        Reason = reason;
        _shown = Describe(status, Shown(status));
        return isNews;
    }

    /// <summary>What may be seen of it from other threads.</summary>
    /// <param name="isRead">Called when somebody reads its counters.</param>
    public PortSnapshot Look(Action isRead) => (_shown ?? Describe(PortStatus.Failed, null)) with
    {
        Slot = _membership?.Slot ?? 0,
        Counters = () =>
        {
            isRead();
            return Counters();
        },
    };

    /// <summary>Keeps the counters of a port that is closed: they go on where they were when it comes back.</summary>
    public void Closed()
    {
        if (_port is { } port)
            _closed.Add(port.Total());
        _droppedBefore = (_droppedIn, _droppedOut);
        _port = null;
        _membership = null;
    }

    /// <summary>Asks the kernel what it dropped on both sides of the port. A port that was opened anew counts on from what it had. No
    /// count goes back: what an interface's queue has counted is gone when somebody gives it another.</summary>
    public void PollKernelDrops()
    {
        if (_port is not { } port)
            return;
        var dropped = endpoint.Dropped();
        Raise(ref _droppedIn, _droppedBefore.In + port.KernelDrops() + dropped.In);
        Raise(ref _droppedOut, _droppedBefore.Out + dropped.Out);

        static void Raise(ref long counter, long value) => Volatile.Write(ref counter, long.Max(counter, value));
    }

    private void Show() => _shown = _shown is { } shown ? shown with { Model = _model, Bridge = _bridge } : null;

    private string? Shown(PortStatus status) => Reason ?? (status == PortStatus.Up ? Remark : null);

    private PortSnapshot Describe(PortStatus status, string? reason)
    {
        var onInterface = Model as InterfaceModel;
        var interfaceName = (endpoint as HostNeighborEndpoint)?.HelperName
            ?? (onInterface is null ? null : (endpoint as InterfaceEndpoint)?.LatestName ?? onInterface.Interface);
        return new(Model, _bridge, 0, status, reason, interfaceName, onInterface?.Netns, Model.GuestMac ?? endpoint.Mac, Counters);
    }

    private PortCounters Counters()
    {
        var counters = _closed;
        if (_port is { } port)
            counters.Add(port.Total());
        counters.InDrops(DropReason.KernelQueueFull) += Volatile.Read(ref _droppedIn);
        counters.OutDrops(DropReason.ReceiverDropped) += Volatile.Read(ref _droppedOut);
        return counters;
    }
}
