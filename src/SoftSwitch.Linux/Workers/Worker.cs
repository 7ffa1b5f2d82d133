using System.Collections.Concurrent;
using System.Diagnostics;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Linux.Privileges;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// A forwarding thread and the ports that it receives from. Its life is one function, <see cref="TakeTurn"/>: wake, receive, let the
/// dataplane decide, transmit. Ports that had frames are asked again at once, without asking the kernel which ports have some; the others
/// are found by a <see cref="PortPoller"/>. When nobody has frames the worker looks a little longer and then sleeps in the kernel.
/// <para>
/// <b>Time.</b> A turn is one port's, and ends after a slice of time, also in the middle of what the port has brought: that rests as a
/// <see cref="Passage"/> until the port is next again (<see cref="FairQueue"/>). After each slice the worker looks who else has frames. So
/// what one port brings costs the others no more than that slice, whatever it is.
/// </para>
/// <para>
/// The control plane never reaches in: it posts to the inbox, and the worker runs that between two turns. What was posted before a turn
/// ended has been seen when <see cref="Post"/>'s action runs, so an empty action is a grace period: after it this worker uses nothing of a
/// port that had left before, for what rests asks anew who is up.
/// </para>
/// </summary>
public sealed partial class Worker : IDisposable
{
    /// <summary>
    /// What a turn may take, and the longest time between two looks at the ports that had nothing. Sixty-four frames from one tap to
    /// another take half of it, so ordinary bursts are never parted; a look costs 0.2 % of it.
    /// </summary>
    private static readonly long s_slice = Stopwatch.Frequency * 200 / 1_000_000;

    /// <summary>Frames that are sent between two looks at the clock: a burst of ordinary super-frames is no more.</summary>
    private const int SendsAtOnce = 96;

    private readonly WorkerOptions _options;
    private readonly Action<DevicePort, string> _failed;
    private readonly Action<Exception> _broken;
    private readonly PortPoller _ports;
    private readonly FairQueue _ready = new(forgiven: s_slice / 8);
    private readonly Patience _patience = new();
    private readonly Passages _passages;
    private readonly ConcurrentQueue<Passage> _surplus = new();
    private readonly Inbox _inbox;
    private readonly Thread _thread;

    /// <summary>When the present turn began.</summary>
    private long _clock;
    private long _lookAt;
    private volatile bool _stopping, _alwaysPolls;

    /// <param name="options">How it runs.</param>
    /// <param name="failed">Called on the worker's thread when a port can't go on: nothing is received from it any more, or it takes
    /// nothing.</param>
    /// <param name="broken">Called on the worker's thread with what an action threw and should not have: the worker goes on.</param>
    /// <exception cref="SystemCallException">There is no such processor.</exception>
    public Worker(WorkerOptions options, Action<DevicePort, string> failed, Action<Exception> broken)
    {
        (_options, _alwaysPolls) = (options, options.AlwaysPolls);
        _failed = failed;
        _broken = broken;
        _ports = new((source, e) =>
        {
            Drop(source);
            Tell(source.Port, e);
        });
        _inbox = new(_ports.Wake, broken);
        _passages = new(options.Number, (output, e) => Tell((DevicePort)output, e));
        _ = _passages.Next; // Where there is no memory for it, there is no worker.
        _thread = new(Run) { Name = $"worker {options.Number}", IsBackground = true };
        var started = new TaskCompletionSource();
        _thread.Start(started);
        started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Gives back memory that the worker has not needed for a while. The control plane calls it, once in a while.</summary>
    public void Trim()
    {
        Passages.Dispose(_surplus);
        if (_passages.HasMore)
            Post(() => _passages.Trim(_surplus.Enqueue));
    }

    /// <summary>Keeps nothing of networks that have gone: they have tables of megabytes.</summary>
    public void Forget() => Post(_passages.Forget);

    /// <summary>It never sleeps: for processors that have nothing else to do.</summary>
    public bool AlwaysPolls
    {
        set
        {
            _alwaysPolls = value;
            _ports.Wake();
        }
    }

    /// <summary>Keeps its thread on a processor, or lets it run on any that the caller may run on. Nothing that it does is
    /// interrupted.</summary>
    /// <exception cref="SystemCallException">There is no such processor, or this process may not use it.</exception>
    public void Pin(int? cpu)
    {
        var any = Affinity.Allowed();
        SystemCallException? refused = null;
        PostAndWait(() =>
        {
            try
            {
                if (cpu is { } one)
                    Affinity.Pin(one);
                else
                    Affinity.Allow(any);
            }
            catch (SystemCallException e)
            {
                refused = e;
            }
        });
        if (refused is not null)
            throw refused;
    }

    /// <summary>Ends what stations of ours have it do, and stops it. It has no port any more: nothing is lost.</summary>
    public void Retire()
    {
        PostAndWait(() =>
        {
            while (_ready.TryTake(out var work))
                Serve(work);
        });
        Dispose();
    }

    /// <summary>Stops the worker after its turn.</summary>
    public void Dispose()
    {
        _stopping = true;
        _ports.Wake();
        _thread.Join();
        _ports.Dispose();
        _passages.Dispose();
        Passages.Dispose(_surplus);
    }

    private void Run(object? started)
    {
        var start = (TaskCompletionSource)started!;
        try
        {
            if (_options.Cpu is { } cpu)
                Affinity.Pin(cpu);
            // Descriptors are open already, and more come open: nothing that is done here needs privilege.
            Capabilities.DropAll();
        }
        catch (SystemCallException e)
        {
            start.SetException(e);
            return;
        }
        start.SetResult();
        while (!_stopping)
        {
            if (!_inbox.IsEmpty)
            {
                _inbox.Run();
                _clock = Stopwatch.GetTimestamp();
            }
            if (_isHeld)
                Rest();
            else
                TakeTurn();
        }
    }

    private void TakeTurn()
    {
        // 1 Wake
        if (_ready.IsEmpty || _clock >= _lookAt)
            Find();
        if (_ready.TryTake(out var next))
            Serve(next);
    }

    private void Begin(Work work)
    {
        _clock = Stopwatch.GetTimestamp();
        Serve(work);
    }

    /// <summary>One slice of one port.</summary>
    private void Serve(Work work)
    {
        var hasMore = Carry(work);
        var end = Stopwatch.GetTimestamp();
        work.Used += end - _clock;
        _clock = end;
        if (hasMore)
            _ready.Add(work);
    }

    /// <summary>One burst, all the way or as far as it gets in a slice. False: there is nothing more for now, or it can't go on.</summary>
    private bool Carry(Work work)
    {
        var passage = work.Passage ?? _passages.Next;
        try
        {
            var hasMore = true;
            // 2 to 7 Receive, admit, learn, decide, ours, deliver
            if (work.Passage is not null || work.TryBegin(passage, out hasMore))
            {
                Call(passage);
                // 8 Transmit
                var until = _clock + s_slice;
                while (!passage.Continue(SendsAtOnce))
                {
                    if (Stopwatch.GetTimestamp() >= until && _passages.TryRest(work))
                        return true;
                }
            }
            Call(passage);
            _passages.End(work, passage);
            return hasMore;
        }
        catch (Exception e)
        {
            // Whatever went wrong with this port's frames costs this port, never the worker.
            Fail(work, passage, e);
            return false;
        }
    }

    private void Fail(Work work, Passage passage, Exception e)
    {
        passage.Abandon();
        Call(passage);
        try
        {
            _passages.End(work, passage);
        }
        catch (Exception)
        {
            // It has failed before: that is what there is to tell.
        }
        work.Failed(e);
    }

    /// <summary>Gives inner ports the turns that they have called for.</summary>
    private void Call(Passage passage)
    {
        while (passage.TryTakeCalled(out var inner))
            _ready.Add(new InnerTurn(inner, isDue: false, _broken));
    }

    /// <summary>Adds the ports that have frames to those that had some; sleeps when there are neither.</summary>
    private void Find()
    {
        var maySleep = _ready.IsEmpty && !_alwaysPolls && _inbox.IsEmpty && _patience.IsOver();
        foreach (var source in _ports.Find(maySleep))
            _ready.Wake(source);
        if (_ready.IsEmpty)
            return;
        _clock = Stopwatch.GetTimestamp();
        _lookAt = _clock + s_slice;
        _patience.Renew(_clock);
    }

    private void Of(DevicePort port, Action action) => Bulkhead.Run(action, e => Fail(port, e));

    private void Fail(DevicePort port, Exception e)
    {
        if (_ports.Remove(port) is { } source)
            Drop(source);
        Tell(port, e);
    }

    private void Tell(DevicePort port, Exception e) =>
        _failed(port, e is PortFailedException or SystemCallException ? e.Message : $"internal error, please report it: {e}");
}
