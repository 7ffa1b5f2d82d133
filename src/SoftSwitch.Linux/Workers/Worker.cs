using System.Diagnostics;
using Microsoft.Extensions.ObjectPool;
using SoftSwitch.Forwarding;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Privileges;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// A forwarding thread and the ports that it receives from. Its life is one function, <see cref="TakeTurn"/>: wake, receive, let the
/// dataplane decide, transmit. Ports that had frames are asked again at once, without asking the kernel which ports have some; the others
/// are found by a <see cref="PortPoller"/>. When nobody has frames the worker looks a little longer and then sleeps in the kernel.
/// <para>
/// The control plane never reaches in: it posts to the inbox, and the worker runs that between two turns. What was posted before a turn
/// ended has been seen when <see cref="Post"/>'s action runs, so an empty action is a grace period: after it this worker holds nothing of a
/// port that had left before.
/// </para>
/// </summary>
public sealed class Worker : IDisposable
{
    /// <summary>
    /// How long after it has found frames a worker looks for more before it sleeps. Work for those it found counts: after a long turn it
    /// sleeps at once. Between two taps on two processors, medians of five alternating runs with 0, 20 and 100 microseconds: 25.8, 25.2 and
    /// 26.0 Gbit/s of TCP, a ping of 58, 53 and 51 microseconds. That is noise for the one and little for the other, so it is short: it
    /// takes the processor from whom it waits for (counted from the end of the work, the 20 cost a tenth of a stream out through NAT).
    /// Whoever has processors to spare says <c>poll: always</c>.
    /// </summary>
    private static readonly long s_look = Stopwatch.Frequency * 20 / 1_000_000;

    /// <summary>About a microsecond between two looks: a look is a system call, and what comes is there as early but for half of
    /// that.</summary>
    private const int PauseBetweenLooks = 25;

    /// <summary>
    /// Looking is worth its time where an answer follows. A worker that has looked in vain so often in a row sleeps at once, and tries it
    /// only now and then: single frames that nobody answers cost no looking at all.
    /// </summary>
    private const int MostLooksInVain = 16;

    /// <summary>Turns between two looks at the ports that had nothing, while others keep the worker busy.</summary>
    private const int TurnsBetweenLooks = 8;

    private static readonly ObjectPool<Burst> s_bursts = ObjectPool.Create<Burst>();

    private readonly WorkerOptions _options;
    private readonly Action<DevicePort, string> _failed;
    private readonly Dataplane _dataplane;
    private readonly Egress _egress;
    private readonly Burst _burst = s_bursts.Get();
    private readonly PortPoller _ports;
    private readonly Inbox _inbox;
    private readonly Thread _thread;
    private Source[] _hot = new Source[16];
    private int _hotCount;
    private long _lookUntil;
    private bool _hasLooked;
    private int _patience = MostLooksInVain;
    private int _sleepsAtOnce;
    private volatile bool _stopping;

    /// <param name="options">How it runs.</param>
    /// <param name="failed">Called on the worker's thread when a port can't go on: nothing is received from it any more, or it takes
    /// nothing.</param>
    /// <param name="broken">Called on the worker's thread with what an action threw and should not have: the worker goes on.</param>
    /// <exception cref="SystemCallException">There is no such processor.</exception>
    public Worker(WorkerOptions options, Action<DevicePort, string> failed, Action<Exception> broken)
    {
        _options = options;
        _failed = failed;
        _ports = new(Fail);
        _inbox = new(_ports.Wake, broken);
        _dataplane = new(options.Number);
        _egress = new(options.Number, (output, e) => Tell((DevicePort)output, e));
        _thread = new(Run) { Name = $"worker {options.Number}", IsBackground = true };
        var started = new TaskCompletionSource();
        _thread.Start(started);
        started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Ports that the worker receives from, for whoever spreads them. Written by the control plane alone.</summary>
    public int PortCount { get; private set; }

    /// <summary>Begins to receive from a port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="member">The network that its frames are in.</param>
    public void Add(DevicePort port, Membership member)
    {
        PortCount++;
        port.DescriptorsChanged = () => PostAndWait(() => Of(port, () => _ports.Renew(port)));
        Post(() => Of(port, () => _ports.Add(new(port, member))));
    }

    /// <summary>Ends receiving from a port. When this returns, the worker's turn has ended and it holds nothing of the port.</summary>
    public void Remove(DevicePort port)
    {
        PortCount--;
        port.DescriptorsChanged = null;
        PostAndWait(() =>
        {
            _ports.Remove(port);
            Cool(port);
        });
    }

    /// <summary>Runs an action between two turns.</summary>
    public void Post(Action action) => _inbox.Post(action);

    /// <summary>Runs an action between two turns and waits for its end.</summary>
    public void PostAndWait(Action action)
    {
        if (!_thread.IsAlive)
            return;
        using var done = new ManualResetEventSlim();
        Post(() =>
        {
            try
            {
                action();
            }
            finally
            {
                done.Set();
            }
        });
        while (!done.Wait(TimeSpan.FromSeconds(1)) && _thread.IsAlive)
        {
        }
    }

    /// <summary>Lets an inner port do what has become due, between two turns.</summary>
    /// <param name="inner">The port.</param>
    /// <param name="failed">Called on the worker's thread with what should not have happened: the worker goes on.</param>
    public void Tick(InnerPort inner, Action<Exception> failed) => Post(() => Bulkhead.Run(
        () => Transmit(_dataplane.Tick(inner, _burst, new(Environment.TickCount64))),
        e =>
        {
            _dataplane.Abandon();
            _egress.Abandon();
            failed(e);
        }));

    /// <summary>Stops the worker after its turn.</summary>
    public void Dispose()
    {
        _stopping = true;
        _ports.Wake();
        _thread.Join();
        _ports.Dispose();
        _dataplane.Dispose();
        _egress.Dispose();
        _burst.Clear();
        s_bursts.Return(_burst);
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
        for (var turn = 0; !_stopping; turn++)
        {
            _inbox.Run();
            TakeTurn(turn);
        }
    }

    private void TakeTurn(int turn)
    {
        // 1 Wake
        if (_hotCount == 0 || turn % TurnsBetweenLooks == 0)
            FindHot();
        var now = new Instant(Environment.TickCount64);
        for (var i = 0; i < _hotCount; i++)
        {
            if (!Carry(_hot[i], now))
                _hot[i--] = _hot[--_hotCount];
        }
    }

    /// <summary>One burst of one port, all the way. False: it has nothing more for now, or it can't go on.</summary>
    private bool Carry(Source source, Instant now)
    {
        var port = source.Port;
        try
        {
            try
            {
                // 2 Receive
                var hasMore = port.Receive(_burst);
                if (_burst.Count == 0)
                    return false;
                // 3 to 7 Admit, learn, decide, ours, deliver
                var deliveries = _dataplane.Process(_burst, _burst.All, source.Member, now);
                // 8 Transmit
                Transmit(deliveries);
                return hasMore;
            }
            finally
            {
                _burst.Clear();
                port.Release();
            }
        }
        catch (Exception e)
        {
            // Whatever went wrong with this port's frames costs this port, never the worker.
            _dataplane.Abandon();
            _egress.Abandon();
            _ports.Remove(port);
            Tell(port, e);
            return false;
        }
    }

    /// <summary>Transmits what a turn says, and what it says when that is done.</summary>
    private void Transmit(ReadOnlySpan<Delivery> deliveries)
    {
        do
        {
            foreach (var delivery in deliveries)
                _egress.Transmit(delivery.Source, delivery.Output.Port, delivery.Frames);
            deliveries = _dataplane.Settle();
        }
        while (!deliveries.IsEmpty);
    }

    /// <summary>Adds the ports that have frames to those that had some; sleeps when there are neither.</summary>
    private void FindHot()
    {
        foreach (var source in _ports.Find(MaySleep()))
        {
            if (_hot.AsSpan(0, _hotCount).Contains(source))
                continue;
            if (_hotCount == _hot.Length)
                Array.Resize(ref _hot, _hot.Length * 2);
            _hot[_hotCount++] = source;
        }
        if (_hotCount == 0)
            return;
        _lookUntil = Stopwatch.GetTimestamp() + s_look;
        if (_hasLooked)
            _patience = int.Min(_patience + 4, MostLooksInVain);
        _hasLooked = false;
    }

    /// <summary>Nobody has frames, and looking longer isn't worth it: it is long since some were found, or looking was in vain too
    /// often.</summary>
    private bool MaySleep()
    {
        if (_hotCount > 0 || _options.AlwaysPolls || !_inbox.IsEmpty)
            return false;
        if (_patience == 0 && !_hasLooked && ++_sleepsAtOnce % MostLooksInVain != 0)
            return true;
        if (Stopwatch.GetTimestamp() <= _lookUntil)
        {
            if (_hasLooked)
                Thread.SpinWait(PauseBetweenLooks);
            _hasLooked = true;
            return false;
        }
        if (_hasLooked)
            _patience = int.Max(0, _patience - 1);
        _hasLooked = false;
        return true;
    }

    /// <summary>The port isn't asked at once any more. Not for a turn's middle.</summary>
    private void Cool(DevicePort port)
    {
        if (Array.FindIndex(_hot, 0, _hotCount, source => source.Port == port) is var at and >= 0)
            _hot[at] = _hot[--_hotCount];
    }

    private void Of(DevicePort port, Action action) => Bulkhead.Run(action, e => Fail(port, e));

    /// <summary>Not for a turn's middle.</summary>
    private void Fail(DevicePort port, Exception e)
    {
        _ports.Remove(port);
        Cool(port);
        Tell(port, e);
    }

    private void Tell(DevicePort port, Exception e) =>
        _failed(port, e is PortFailedException or SystemCallException ? e.Message : $"internal error, please report it: {e}");
}
