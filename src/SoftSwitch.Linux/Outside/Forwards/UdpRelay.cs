using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Outside.Forwards;

/// <summary>
/// Relays datagrams: each client of each port gets a socket of its own towards the guest, for as long as they talk. One thread sleeps on all of the sockets and passes on
/// datagram by datagram through one buffer, so that thousands of ports cost no memory while nothing comes, and there is no lock.
/// </summary>
internal sealed class UdpRelay : IDisposable
{
    /// <summary>Conversations at a time, of all ports together.</summary>
    internal const int MaxSessions = 4096;

    /// <summary>Conversations at a time of one port, so that one can't take all.</summary>
    internal const int MaxSessionsPerPort = 512;

    /// <summary>Silence of both sides after which a conversation is over (RFC 4787, REQ-5).</summary>
    internal const int IdleMilliseconds = 300_000;

    private const int SweepMilliseconds = 10_000;

    /// <summary>Datagrams that wait for their turn, as far as the administrator allows (net.core.rmem_max).</summary>
    internal const int QueueBytes = 1 << 20;

    /// <summary>Datagrams of a socket before the next has its turn.</summary>
    private const int Turn = 64;

    private readonly byte[]? _device;
    private readonly int _idleMilliseconds;
    private readonly Poller _poller = new();
    private readonly ConcurrentQueue<Action> _inbox = new();
    private readonly UdpDatagrams _datagrams = new();
    private readonly Dictionary<ulong, UdpForward> _forwards = [];
    private readonly Dictionary<ulong, UdpSession> _sessions = [];
    private readonly Thread _thread;
    private ulong _tokens;
    private long _target;
    private long _refused;
    private volatile bool _ending;

    internal UdpRelay(string? interfaceName, int idleMilliseconds = IdleMilliseconds)
    {
        _device = interfaceName is null ? null : Encoding.UTF8.GetBytes(interfaceName);
        _idleMilliseconds = idleMilliseconds;
        _thread = new(Run) { Name = "forwards", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where datagrams go, to the same port as they came.</summary>
    internal Ipv4Address Target
    {
        get => new((uint)Volatile.Read(ref _target));
        set => Volatile.Write(ref _target, value.Value);
    }

    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Receives from a bound socket until what this returns is disposed, which also ends the conversations.</summary>
    internal IDisposable Serve(Socket listener, int port)
    {
        var forward = new UdpForward(this, listener, port, Interlocked.Increment(ref _tokens));
        Invoke(() =>
        {
            _poller.Add(forward.Fd, forward.Token);
            _forwards.Add(forward.Token, forward);
        });
        return forward;
    }

    /// <summary>The port is free when this returns.</summary>
    internal void End(UdpForward forward) => Invoke(() =>
    {
        _forwards.Remove(forward.Token);
        foreach (var session in forward.Sessions.Values.ToArray())
            End(session);
        _poller.Remove(forward.Fd);
        forward.Listener.Dispose();
    });

    public void Dispose()
    {
        _ending = true;
        _poller.Wake();
        _thread.Join();
        foreach (var session in _sessions.Values)
            session.Socket.Dispose();
        _poller.Dispose();
    }

    private void Run()
    {
        Span<ulong> tokens = stackalloc ulong[Poller.Batch];
        var sweep = int.Min(SweepMilliseconds, _idleMilliseconds);
        var nextSweep = Environment.TickCount64 + sweep;
        while (!_ending)
        {
            var ready = _poller.Wait(tokens, _inbox.IsEmpty ? sweep : 0);
            while (_inbox.TryDequeue(out var action))
                action();
            var now = Environment.TickCount64;
            for (var i = 0; i < ready; i++)
            {
                if (_forwards.TryGetValue(tokens[i], out var forward))
                    TakeFromClients(forward, now);
                else if (_sessions.TryGetValue(tokens[i], out var session))
                    TakeFromGuest(session, now);
            }
            if (now < nextSweep)
                continue;
            nextSweep = now + sweep;
            foreach (var silent in _sessions.Values.Where(session => now - session.Heard > _idleMilliseconds).ToArray())
                End(silent);
        }
    }

    private void TakeFromClients(UdpForward forward, long now)
    {
        for (var i = 0; i < Turn && _datagrams.TryTake(forward.Fd, out var from, out var length); i++)
        {
            if (from is not { } client || SessionOf(forward, client, now) is not { } session)
                continue;
            session.Heard = now;
            _datagrams.Pass(session.Fd, length);
        }
    }

    private void TakeFromGuest(UdpSession session, long now)
    {
        for (var i = 0; i < Turn; i++)
        {
            var length = _datagrams.Take(session.Fd);
            if (length < 0)
                return;
            session.Heard = now;
            _datagrams.Answer(session.Forward.Fd, session.Client, length);
        }
    }

    private UdpSession? SessionOf(UdpForward forward, UdpClientId client, long now)
    {
        if (forward.Sessions.TryGetValue(client, out var known))
            return known;
        if (_sessions.Count >= MaxSessions || forward.Sessions.Count >= MaxSessionsPerPort)
        {
            Interlocked.Increment(ref _refused);
            return null;
        }
        Socket? socket = null;
        try
        {
            socket = TcpRelay.Towards(SocketType.Dgram, ProtocolType.Udp, _device);
            socket.ReceiveBufferSize = QueueBytes;
            socket.Connect(TcpConnection.Address(Target), forward.Port);
            var session = new UdpSession(forward, client, socket, Interlocked.Increment(ref _tokens), now);
            _poller.Add(session.Fd, session.Token);
            forward.Sessions.Add(client, session);
            _sessions.Add(session.Token, session);
            return session;
        }
        catch (Exception e) when (e is SocketException or SystemCallException)
        {
            // No descriptor left, or the host leg is gone: the datagram is lost, the next one tries again.
            socket?.Dispose();
            Interlocked.Increment(ref _refused);
            return null;
        }
    }

    private void End(UdpSession session)
    {
        _sessions.Remove(session.Token);
        session.Forward.Sessions.Remove(session.Client);
        _poller.Remove(session.Fd);
        session.Socket.Dispose();
    }

    /// <summary>Runs an action on the relay's thread and waits; what it throws, this throws.</summary>
    private void Invoke(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inbox.Enqueue(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        _poller.Wake();
        done.Task.GetAwaiter().GetResult();
    }
}
