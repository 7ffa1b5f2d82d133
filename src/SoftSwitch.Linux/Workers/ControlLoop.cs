using System.Globalization;

namespace SoftSwitch.Linux.Workers;

/// <summary>
/// The thread that owns everything which changes slowly: it sleeps on descriptors, each with a handler of its own, an inbox of actions, and
/// a clock tick. What runs on it runs one after the other, so what it owns needs no lock.
/// </summary>
public sealed class ControlLoop : IDescriptorWatch, IDisposable
{
    private const int TickMilliseconds = 1000;

    private const int PauseMilliseconds = 100;

    private readonly Poller _poller = new();
    private readonly Inbox _inbox;
    private readonly Lock _watching = new();
    private readonly Dictionary<ulong, Action> _handlers = [];
    private readonly Dictionary<int, ulong> _tokens = [];
    private readonly Action<long> _tick;
    private readonly Action<Exception> _failed;
    private readonly Thread _thread;
    private ulong _nextToken;
    private long _nextTick;
    private volatile bool _stopping;

    /// <param name="tick">About once a second, with the time in milliseconds.</param>
    /// <param name="failed">Called with what the tick, a handler or an action threw and should not have: the loop goes on, for forwarding
    /// does too.</param>
    /// <param name="name">The thread's.</param>
    public ControlLoop(Action<long> tick, Action<Exception> failed, string name = "control")
    {
        _inbox = new(_poller.Wake, failed);
        _failed = failed;
        _tick = tick;
        _thread = new(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <inheritdoc/>
    public void Watch(int fd, Action ready) => Watch(fd, ready, _poller.Add);

    /// <summary>The same for when it can be written, and not for when it can be read: a connection that is being made is there, or has
    /// failed.</summary>
    /// <inheritdoc cref="Watch(int, Action)"/>
    public void WatchForWriting(int fd, Action ready) => Watch(fd, ready, _poller.AddForWriting);

    private void Watch(int fd, Action ready, Action<int, ulong> add)
    {
        lock (_watching)
        {
            // Whole or not at all: who is refused leaves nothing behind that would answer for another.
            if (_tokens.ContainsKey(fd))
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"descriptor {fd} is watched already"));
            var token = _nextToken++;
            add(fd, token);
            _handlers.Add(token, ready);
            _tokens.Add(fd, token);
        }
    }

    /// <inheritdoc/>
    public void Unwatch(int fd)
    {
        lock (_watching)
        {
            if (!_tokens.Remove(fd, out var token))
                return;
            _handlers.Remove(token);
            _poller.Remove(fd);
        }
    }

    /// <summary>The next tick comes by then at the latest. For what runs on the loop.</summary>
    /// <param name="at">In milliseconds.</param>
    public void TickBy(long at) => _nextTick = long.Min(_nextTick, at);

    /// <summary>Runs an action on the loop, some time soon.</summary>
    public void Post(Action action) => _inbox.Post(action);

    /// <summary>Runs an action on the loop and waits; what it throws, this throws.</summary>
    public void Invoke(Action action) => _inbox.Invoke(action);

    /// <summary>Ends the loop after what it is doing.</summary>
    public void Dispose()
    {
        _stopping = true;
        _poller.Wake();
        _thread.Join();
        _poller.Dispose();
    }

    private void Run()
    {
        Span<ulong> tokens = stackalloc ulong[Poller.Batch];
        _nextTick = Environment.TickCount64 + TickMilliseconds;
        while (!_stopping)
        {
            var wait = (int)long.Clamp(_nextTick - Environment.TickCount64, 0, TickMilliseconds);
            var count = _poller.Wait(tokens, _inbox.IsEmpty ? wait : 0);
            for (var i = 0; i < count; i++)
            {
                // What can't be read is told again at once: no more than once in a while.
                if (Handler(tokens[i]) is { } ready && !Bulkhead.Run(ready, _failed))
                    Thread.Sleep(PauseMilliseconds);
            }
            _inbox.Run();
            var now = Environment.TickCount64;
            if (now < _nextTick)
                continue;
            _nextTick = now + TickMilliseconds;
            Bulkhead.Run(() => _tick(now), _failed);
        }
        _inbox.Close();
    }

    /// <summary>The handler of a descriptor; null for one that another handler has taken out in this moment.</summary>
    private Action? Handler(ulong token)
    {
        lock (_watching)
            return _handlers.GetValueOrDefault(token);
    }
}
