using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;

namespace SoftSwitch.State.Ports;

/// <summary>
/// What becomes of a port: it is opened, follows its other end, fails, is retried, is closed, and each of these is reported. It takes part
/// in forwarding only while it is up. Used by the control loop alone, but for <see cref="Release"/>.
/// <code>
///            Open                Refresh: up, waiting, down
///   (none) ───────► in its bridge ─────────────────────────► and up or not
///      ▲                │ Fail: the worker says so, or the other end is gone
///      └── Retry ◄──────┘  every second, and when its interface comes back
/// </code>
/// </summary>
/// <param name="workers">Who carries its frames.</param>
/// <param name="control">Watches the descriptors of other ends.</param>
/// <param name="links">Tells the news of interfaces.</param>
/// <param name="log">Told what becomes of ports.</param>
/// <param name="joined">Called when a port has its place in a bridge, before it takes part in forwarding.</param>
/// <param name="cameUp">Called when one takes part that didn't before.</param>
internal sealed class PortLifecycle(
    SwitchWorkers workers, IDescriptorWatch control, LinkWatch links, ISwitchLog log, Action<PortState> joined, Action<PortState> cameUp)
{
    private const int RetryMilliseconds = 1000;

    private List<PortState>? _untold;

    /// <exception cref="SystemCallException">An obstacle of the machine; what is half open is for <see cref="Close"/>.</exception>
    public void Open(PortState state)
    {
        var port = state.Endpoint.Open(new(workers.Count, control, links, () => Refresh(state), workers.Settle));
        // From here on closing finds what it undoes, whichever of the following fails.
        state.Opened(port);
        var member = state.Bridge.Attach(port, port.Station);
        state.Worker.Add(port, member);
        state.Joined(member);
        joined(state);
        Refresh(state);
    }

    public void Close(PortState state) => Release(state, Withdraw(state));

    /// <summary>Takes a port out of forwarding: when this returns, nobody uses it.</summary>
    public DevicePort? Withdraw(PortState state)
    {
        if (state.Port is not { } port)
            return null;
        if (state.Membership is { } member)
        {
            member.Bridge.Detach(member);
            state.Worker.Remove(port);
        }
        // Others may still be sending to it.
        workers.Settle();
        state.PollKernelDrops();
        state.Closed();
        return port;
    }

    /// <summary>Gives descriptor and interface back to the machine. For any thread.</summary>
    public static void Release(PortState state, DevicePort? port)
    {
        port?.Dispose();
        state.Endpoint.Dispose();
    }

    /// <summary>Closes a port until it can be opened again.</summary>
    public void Fail(PortState state, string reason)
    {
        Close(state);
        state.RetryAfter(Environment.TickCount64, RetryMilliseconds);
        if (state.Set(PortStatus.Failed, reason))
            Report(state);
    }

    public void Retry(PortState state)
    {
        try
        {
            Open(state);
        }
        catch (Exception e) when (e is SystemCallException or ArgumentException or InvalidOperationException)
        {
            Fail(state, e.Message);
        }
    }

    /// <summary>From here on failures aren't told: whether they will be retried isn't known before all of a change is made. Where that is
    /// refused, the refusal says what there is to say.</summary>
    public void HoldFailures() => _untold = [];

    /// <summary>The change is made, or it isn't: tells those that are failed now.</summary>
    /// <param name="isMade">False: nothing of it is left.</param>
    public void TellFailures(bool isMade)
    {
        var held = _untold ?? [];
        _untold = null;
        foreach (var state in held.Distinct().Where(state => isMade && state.Status == PortStatus.Failed))
            Report(state);
    }

    private void Refresh(PortState state)
    {
        if (state.Membership is not { } member)
            return;
        var now = state.Endpoint.State;
        if (now == EndpointState.Gone)
        {
            Fail(state, state.Endpoint.Obstacle!);
            return;
        }
        if (now == EndpointState.Changed)
        {
            Close(state);
            Retry(state);
            return;
        }
        member.Bridge.SetUp(member, now == EndpointState.Up);
        var status = now switch
        {
            EndpointState.Up => PortStatus.Up,
            EndpointState.Waiting => PortStatus.Waiting,
            EndpointState.Down => PortStatus.Down,
            _ => throw new InvalidOperationException($"{now} is no state that a port is shown in"),
        };
        if (status == PortStatus.Up && state.Status != PortStatus.Up)
            cameUp(state);
        if (state.Set(status, state.Endpoint.Obstacle))
            Report(state);
    }

    private void Report(PortState state)
    {
        if (state.Status == PortStatus.Failed && _untold is not null)
        {
            _untold.Add(state);
            return;
        }
        var (level, line) = state.Status switch
        {
            PortStatus.Up => (LogLevel.Info, "up"),
            PortStatus.Waiting => (LogLevel.Info, "waiting for a guest"),
            PortStatus.Down => (LogLevel.Warning, $"down: {state.Reason}"),
            PortStatus.Failed => (LogLevel.Error, $"failed, will be retried: {state.Reason}"),
            _ => throw new InvalidOperationException($"{state.Status} has no words"),
        };
        log.News(LogSubject.OfPort(state.Model.Name, state.Model.Network), level, line);
    }
}
