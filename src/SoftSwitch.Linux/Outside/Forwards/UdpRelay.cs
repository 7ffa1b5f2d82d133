using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
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
    private readonly Dictionary<ulong, UdpEntrance> _entrances = [];
    private readonly Dictionary<ulong, UdpSession> _sessions = [];
    private readonly Thread _thread;
    private ulong _tokens;
    private long _target;
    private long _refused;
    private volatile bool _ending;
    private readonly Lazy<SafeFileHandle?> _refusals = new(OpenRefusals);

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
    internal IDisposable Serve(Socket listener, int port) => Begin(new UdpForward(this, listener, port, Interlocked.Increment(ref _tokens)));

    /// <summary>The same for ports that no socket has.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal IDisposable Serve(IReadOnlyCollection<TransportPorts> ranges) => Begin(UdpRanges.Open(this, ranges, Interlocked.Increment(ref _tokens)));

    private UdpEntrance Begin(UdpEntrance entrance)
    {
        Invoke(() =>
        {
            _poller.Add(entrance.Fd, entrance.Token);
            _entrances.Add(entrance.Token, entrance);
        });
        return entrance;
    }

    /// <summary>The ports are free when this returns.</summary>
    internal void End(UdpEntrance entrance) => Invoke(() =>
    {
        _entrances.Remove(entrance.Token);
        foreach (var session in entrance.Sessions.ToArray())
            End(session);
        _poller.Remove(entrance.Fd);
        entrance.Close();
    });

    public void Dispose()
    {
        _ending = true;
        _poller.Wake();
        _thread.Join();
        foreach (var session in _sessions.Values)
            session.Socket.Dispose();
        _poller.Dispose();
        if (_refusals.IsValueCreated)
            _refusals.Value?.Dispose();
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
                if (_entrances.TryGetValue(tokens[i], out var entrance))
                    TakeFromClients(entrance, now);
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

    private void TakeFromClients(UdpEntrance entrance, long now)
    {
        for (var i = 0; i < Turn && entrance.TryTake(_datagrams, out var from, out var payload); i++)
        {
            if (from is not { } client || SessionOf(entrance, client, now) is not { } session)
                continue;
            session.Heard = now;
            if (!_datagrams.Pass(session.Fd, payload))
                Refuse(session);
        }
    }

    private void TakeFromGuest(UdpSession session, long now)
    {
        for (var i = 0; i < Turn; i++)
        {
            var length = _datagrams.Take(session.Fd);
            if (length < 0)
            {
                if (!UdpDatagrams.WasRefused)
                    return;
                Refuse(session);
                continue;
            }
            session.Heard = now;
            session.Entrance.Answer(_datagrams, session.Client, length);
        }
    }

    /// <summary>The guest has nobody there: the client is told as one outside is.</summary>
    private void Refuse(UdpSession session)
    {
        if (_refusals.Value is { } socket)
            UdpDatagrams.Refuse((int)socket.DangerousGetHandle(), session.Client);
    }

    /// <summary>Where it can't be had, clients wait in vain.</summary>
    private static SafeFileHandle? OpenRefusals()
    {
        try
        {
            return UdpRanges.Said();
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    private UdpSession? SessionOf(UdpEntrance entrance, UdpClientId client, long now)
    {
        if (entrance.Find(client) is { } known)
            return known;
        if (_sessions.Count >= MaxSessions || entrance.CountOf(client.LocalPort) >= MaxSessionsPerPort)
        {
            Interlocked.Increment(ref _refused);
            return null;
        }
        Socket? socket = null;
        try
        {
            socket = TcpRelay.Towards(SocketType.Dgram, ProtocolType.Udp, _device);
            if (OpenFiles.IsAmongTheLast((int)socket.SafeHandle.DangerousGetHandle()))
                throw new SocketException((int)SocketError.TooManyOpenSockets);
            socket.ReceiveBufferSize = QueueBytes;
            socket.Connect(TcpConnection.Address(Target), client.LocalPort);
            var session = new UdpSession(entrance, client, socket, Interlocked.Increment(ref _tokens), now);
            _poller.Add(session.Fd, session.Token);
            entrance.Add(session);
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
        session.Entrance.Remove(session);
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
