using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>The ports of a running switch: those of the file, and those that networks bring. One that can't go on stays, and is retried,
/// less and less often, but at once when its interface comes back; the rest goes on. Used by the control loop alone, but for <see
/// cref="All"/> and <see cref="Look"/>.</summary>
internal sealed class SwitchPorts
{
    /// <summary>Interfaces that are given back at a time.</summary>
    private const int MostThreads = 64;

    private readonly PortLifecycle _lifecycle;
    private readonly SwitchWorkers _workers;
    private readonly KernelDropPolling _drops;
    private readonly Loops _loops;

    /// <summary>Replaced whole: the API reads the list while ports come and go.</summary>
    private volatile PortState[] _all = [];
    private PortState[]? _sorted;
    private ILookup<Bridge, PortState>? _byBridge;

    /// <param name="lifecycle">Opens and closes them.</param>
    /// <param name="workers">Who carries their frames.</param>
    /// <param name="news">Tells what becomes of them.</param>
    /// <param name="isBrought">A mode has brought a port.</param>
    /// <param name="post">Runs an action on the control loop.</param>
    public SwitchPorts(
        PortLifecycle lifecycle, SwitchWorkers workers, PortNews news, Func<PortState, bool> isBrought, Action<Action> post)
    {
        (_lifecycle, _workers, _drops) = (lifecycle, workers, new(() => _all, post, lifecycle.TellMistake));
        _loops = new(() => _all, workers, lifecycle, news, isBrought, post);
    }

    /// <summary>Another list whenever one comes or goes.</summary>
    public IReadOnlyList<PortState> All => _all;

    /// <summary>The ports of one bridge, for who asks about many bridges.</summary>
    public IEnumerable<PortState> In(Bridge bridge)
    {
        if (_byBridge is null || !ReferenceEquals(_sorted, _all))
            (_sorted, _byBridge) = (_all, _all.ToLookup(state => state.Bridge));
        return _byBridge[bridge];
    }

    /// <summary>The one that lives as a model says.</summary>
    public PortState Of(PortModel port) => _all.First(state => state.Model == port);

    /// <summary>One is to be another from now on, by what can change while it is open.</summary>
    public void Change(PortState state, PortModel after)
    {
        var before = state.Model;
        state.Change(after);
        if (before.Admin != after.Admin)
            _lifecycle.Refresh(state);
    }

    /// <summary>Frames that came in, by all: another number when some have.</summary>
    public long Frames => _all.Sum(port => port.Port?.Total().InFrames ?? 0);

    /// <summary>Leaves what they have open to the program that goes on in this process.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public void Leave(Inheritance heir)
    {
        foreach (var state in _all.Where(state => state.Port is not null))
        {
            state.Endpoint.Leave(heir);
            PortLifecycle.Leave(state, heir);
        }
    }

    /// <summary>What may be seen of them from any thread.</summary>
    public IReadOnlyList<PortSnapshot> Look() => [.. _all.Select(port => port.Look(_drops.PollSoon))];

    /// <summary>Opens one port more, or leaves nothing of it.</summary>
    /// <param name="mayWait">Where the machine refuses with this, the port is there all the same, and retried; left out: with
    /// none.</param>
    /// <param name="needs">The port without which it isn't open; left out: it needs none.</param>
    /// <param name="held">Why its network waits; left out: it doesn't.</param>
    /// <exception cref="SystemCallException">An obstacle of the machine.</exception>
    /// <exception cref="ArgumentException">Something in the model that this machine can't have.</exception>
    public PortState Add(
        PortModel model, Endpoint endpoint, Bridge bridge, Func<Exception, bool>? mayWait = null, PortState? needs = null,
        string? held = null)
    {
        var state = new PortState(model, endpoint, _workers.LeastBusy, bridge, needs) { Held = held };
        _loops.Watch(bridge);
        needs?.NeededBy = state;
        _all = [.. _all, state];
        try
        {
            if (state.IsKeptClosed)
                _lifecycle.Hold(state, held);
            else
                _lifecycle.Open(state);
        }
        catch (Exception e) when (mayWait?.Invoke(e) == true)
        {
            _lifecycle.Fail(state, e.Message);
        }
        catch
        {
            Remove([state]);
            throw;
        }
        return state;
    }

    /// <summary>The network that has a bridge waits, or doesn't any more.</summary>
    /// <param name="bridge">The bridge.</param>
    /// <param name="why">Null: it doesn't.</param>
    public void Hold(Bridge bridge, string? why) =>
        Bulkhead.Each(_all.Where(state => state.Bridge == bridge), state => _lifecycle.Hold(state, why), _lifecycle.Break);

    /// <summary>Closes ports that may be opened again (<see cref="Resume"/>). Those that need another come first.</summary>
    public void Suspend(IReadOnlyCollection<PortState> leaving)
    {
        foreach (var state in leaving.OrderBy(state => state.Needs is null))
            _lifecycle.Close(state);
    }

    /// <summary>Opens ports again that were closed by mistake. One that can't be is retried.</summary>
    public void Resume(IReadOnlyCollection<PortState> closed)
    {
        foreach (var state in closed.OrderBy(state => state.Needs is not null).Where(state => state.Port is null))
            _lifecycle.Retry(state);
    }

    /// <inheritdoc cref="PortLifecycle.Place"/>
    public Membership? Place(PortState state, Bridge bridge, PortModel after)
    {
        _loops.Watch(bridge);
        return PortLifecycle.Place(state, bridge, after);
    }

    /// <inheritdoc cref="PortLifecycle.Move"/>
    public void Move(PortState state, PortModel after, Bridge bridge, Membership? place, string? held)
    {
        _lifecycle.Move(state, after, bridge, place, held);
        // Another list: who follows them looks at all again.
        _all = [.. _all];
    }

    /// <summary>Hands the ports of workers that go to those that stay, and some of those that have many to those that have few.</summary>
    public void Spread()
    {
        foreach (var state in _all.Where(state => !_workers.IsStaying(state.Worker)))
            state.HandOver(_workers.LeastBusy);
        var least = _workers.LeastBusy;
        foreach (var state in _all.Where(state => state.Membership is not null))
        {
            if (state.Worker.PortCount <= least.PortCount + 1)
                continue;
            state.HandOver(least);
            least = _workers.LeastBusy;
        }
    }

    /// <summary>Closes ports for good.</summary>
    public void Remove(IReadOnlyCollection<PortState> leaving)
    {
        // First those that need another: none of them is left behind as failed.
        var withdrawn = new ConcurrentQueue<(PortState State, DevicePort? Port)>(
            leaving.OrderBy(state => state.Needs is null).Select(state => (state, _lifecycle.Withdraw(state))));
        // Nothing is left that the loop's next tick could take for a failed port and open again.
        _all = [.. _all.Except(leaving)];
        // The kernel takes its time for each interface that goes (a third of a second with a thousand of them), but can do many at once.
        var others = Enumerable.Range(1, int.Min(leaving.Count, MostThreads)).Skip(1).Select(_ => new Thread(Release))
            .TakeWhile(HasStarted).ToList();
        Release();
        others.ForEach(thread => thread.Join());

        void Release()
        {
            while (withdrawn.TryDequeue(out var next))
                _lifecycle.Release(next.State, next.Port);
        }
    }

    /// <summary>Where there is no memory for another, those that there are do it.</summary>
    private static bool HasStarted(Thread thread)
    {
        try
        {
            thread.Start();
            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }

    /// <summary>A worker has dropped a port, for it can't go on.</summary>
    public void Fail(DevicePort port, string reason)
    {
        if (Array.Find(_all, state => state.Port == port) is { } state)
            _lifecycle.Fail(state, reason);
    }

    /// <summary>Ports that are open have heard by themselves; for one that isn't, its interface may be there now.</summary>
    /// <param name="interfaces">Those that had news; null: all may have had.</param>
    public void Heard(IReadOnlySet<string>? interfaces) => Bulkhead.Each(_all, state =>
    {
        if (state.Port is not null || state.Endpoint.AwaitedInterface is not { } awaited || interfaces?.Contains(awaited) == false)
            return;
        if (state.Retries.Heard(Environment.TickCount64))
            _lifecycle.Retry(state);
    }, _lifecycle.Break);

    /// <summary>About once a second.</summary>
    public void Tick(long now)
    {
        Bulkhead.Each(_all, state =>
        {
            if (state.Port is not null)
                _lifecycle.Tick(state, now);
            else if (now >= state.Retries.Next)
                _lifecycle.Retry(state);
        }, _lifecycle.Break);
        _loops.Tick(now);
        _drops.Tick();
    }
}
