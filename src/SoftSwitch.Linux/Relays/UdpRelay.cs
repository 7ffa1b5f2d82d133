using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// Relays datagrams: clients of one port are told apart by the socket towards the guest, for as long as they talk; a socket carries a
/// conversation of every port (<see cref="UdpCarrier"/>). One thread sleeps on all of the sockets and passes on datagram by datagram
/// through one buffer, so that thousands of ports cost no memory while nothing comes, and there is no lock. At a limit a conversation that
/// the guest never answered gives way to a new one (<see cref="UdpUnanswered"/>).
/// </summary>
internal sealed class UdpRelay : IDisposable
{
    /// <summary>Silence of both sides after which a conversation is over (RFC 4787, REQ-5).</summary>
    internal const int IdleMilliseconds = 300_000;

    /// <summary>The same while the guest has not answered.</summary>
    internal const int UnansweredMilliseconds = 20_000;

    private const int SweepMilliseconds = 5_000;

    /// <summary>Datagrams of a socket before the next has its turn.</summary>
    private const int MostInTurn = 64;

    private readonly Action<Exception> _failed;
    private readonly int _idleMilliseconds;
    private readonly int _maxSessions;
    private readonly Poller _poller = new();
    private readonly Inbox _inbox;
    private readonly UdpDatagrams _datagrams = new();
    private readonly Dictionary<ulong, UdpEntrance> _entrances = [];
    private readonly UdpCarriers _carriers;
    private readonly UdpUnanswered _unanswered = new();
    private readonly Thread _thread;
    private ulong _tokens;
    private long _target;
    private long _refused;
    private long _givenUp;
    private int _sessions;
    private int _forwards;
    private volatile bool _ending;
    private readonly Lazy<SafeFileHandle?> _refusals = new(OpenRefusals);

    /// <param name="interfaceName">What conversations leave by; null: whatever leads there.</param>
    /// <param name="failed">Told, on the relay's thread, what should not have happened: the other conversations go on.</param>
    /// <param name="idleMilliseconds">The longest silence.</param>
    /// <param name="maxSessions">Conversations at a time.</param>
    /// <param name="maxCarriers">Sockets towards the guest; null: as open files allow.</param>
    internal UdpRelay(
        string? interfaceName, Action<Exception> failed, int idleMilliseconds = IdleMilliseconds, int? maxSessions = null,
        int? maxCarriers = null)
    {
        _failed = failed;
        var device = interfaceName is null ? null : Encoding.UTF8.GetBytes(interfaceName);
        _carriers = new(_poller, device, NextToken, maxCarriers ?? (int)long.Min(MachineLimits.Carriers.Most, OpenFiles.Limit / 8));
        _inbox = new(_poller.Wake, failed);
        _idleMilliseconds = idleMilliseconds;
        _maxSessions = maxSessions ?? MachineLimits.Conversations.Most;
        _thread = new(Run) { Name = "forwards", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Where datagrams go, to the same port as they came.</summary>
    internal Ipv4Address Target
    {
        get => new((uint)Volatile.Read(ref _target));
        set => Volatile.Write(ref _target, value.Value);
    }

    /// <summary>The ports that datagrams come from, of conversations that begin.</summary>
    internal RelayPorts From
    {
        set => _inbox.Invoke(() => _carriers.From = value);
    }

    /// <summary>Datagrams that would have begun a conversation.</summary>
    internal long Refused => Volatile.Read(ref _refused);

    /// <summary>Conversations, never answered, that gave way to new ones.</summary>
    internal long GivenUp => Volatile.Read(ref _givenUp);

    /// <summary>Receives from a bound socket until what this returns is disposed, which also ends the conversations.</summary>
    internal IDisposable Serve(Socket listener, int port) => Begin(new UdpForward(this, listener, port, NextToken()));

    /// <summary>The same for ports that no socket has.</summary>
    /// <param name="ranges">One for each forward.</param>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    internal IDisposable Serve(IReadOnlyCollection<TransportPorts> ranges) => Begin(UdpRanges.Open(this, ranges, NextToken()));

    private ulong NextToken() => Interlocked.Increment(ref _tokens);

    private UdpEntrance Begin(UdpEntrance entrance)
    {
        _inbox.Invoke(() =>
        {
            _poller.Add(entrance.Fd, entrance.Token);
            _entrances.Add(entrance.Token, entrance);
            _forwards += entrance.Forwards;
        });
        return entrance;
    }

    /// <summary>The ports are free when this returns.</summary>
    internal void End(UdpEntrance entrance) => _inbox.Invoke(() =>
    {
        if (_entrances.Remove(entrance.Token))
            _forwards -= entrance.Forwards;
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
        _carriers.Dispose();
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
            _inbox.Run();
            var now = Environment.TickCount64;
            for (var i = 0; i < ready; i++)
                Take(tokens[i], now);
            if (now < nextSweep)
                continue;
            nextSweep = now + sweep;
            Bulkhead.Run(() => Sweep(now), _failed);
        }
        _inbox.Close();
    }

    private void Take(ulong token, long now)
    {
        try
        {
            if (_entrances.TryGetValue(token, out var entrance))
                TakeFromClients(entrance, now);
            else if (_carriers.TryGet(token, out var carrier))
                TakeFromGuest(carrier, now);
        }
        catch (Exception e)
        {
            // It costs the datagram that was on its way. (No bulkhead: that would make garbage for each.)
            _failed(e);
        }
    }

    private void Sweep(long now)
    {
        _carriers.EndRests(now);
        var sessions = _entrances.Values.SelectMany(entrance => entrance.Sessions);
        foreach (var silent in sessions.Where(session => now - session.Heard > PatienceWith(session)).ToArray())
            End(silent);
    }

    private void TakeFromClients(UdpEntrance entrance, long now)
    {
        for (var i = 0; i < MostInTurn && entrance.TryTake(_datagrams, out var from, out var payload); i++)
        {
            if (from is not { } client || SessionOf(entrance, client, now) is not { } session)
                continue;
            session.Heard = now;
            _datagrams.Pass(session.Carrier.Fd, Target, client.LocalPort, payload);
        }
    }

    private int PatienceWith(UdpSession session) =>
        session.IsAnswered ? _idleMilliseconds : int.Min(_idleMilliseconds, UnansweredMilliseconds);

    /// <summary>Passes on what answers a conversation, by its address and port. The rest is dropped, as by a socket that is
    /// connected.</summary>
    private void TakeFromGuest(UdpCarrier carrier, long now)
    {
        for (var i = 0; i < MostInTurn && _datagrams.TryTakeAnswer(carrier.Fd, out var address, out var port, out var length); i++)
        {
            if (address != Target || carrier.Find(port) is not { } session)
                continue;
            session.Heard = now;
            if (!session.IsAnswered)
            {
                session.IsAnswered = true;
                _unanswered.Remove(session);
            }
            session.Entrance.Answer(_datagrams, session.Client, length);
        }
        for (var i = 0; i < MostInTurn && _datagrams.TryTakeRefusal(carrier.Fd, out var address, out var port); i++)
        {
            if (address == Target && carrier.Find(port) is { } session)
                Refuse(session);
        }
    }

    /// <summary>The guest has nobody at the port: the client is told, as one outside is.</summary>
    private void Refuse(UdpSession session)
    {
        if (_refusals.Value is { } socket)
            UdpDatagrams.Refuse((int)socket.DangerousGetHandle(), session.Client);
    }

    /// <summary>The socket that tells refusals; where it can't be had, clients wait in vain.</summary>
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
        if (!MakeRoom(entrance, client.LocalPort))
        {
            Interlocked.Increment(ref _refused);
            return null;
        }
        try
        {
            var session = new UdpSession(entrance, client, _carriers.For(client.LocalPort, now), now);
            session.Carrier.Add(session);
            entrance.Add(session);
            _unanswered.Add(session);
            _sessions++;
            return session;
        }
        catch (Exception e) when (e is SocketException or SystemCallException)
        {
            // No descriptor left, or the way to the host is gone: the datagram is lost, the next one tries again.
            Interlocked.Increment(ref _refused);
            return null;
        }
    }

    /// <summary>Makes room for a conversation. False: there is none, and no conversation gives way.</summary>
    private bool MakeRoom(UdpEntrance entrance, int port)
    {
        var share = entrance.ShareOf(port);
        var isPortFull = entrance.CountOf(port) >= int.Min(MachineLimits.ConversationsOfForward.Most, _carriers.Most);
        if (!isPortFull && SharedPlaces.HasRoom(_sessions, _maxSessions, share.Count, _forwards))
            return true;
        if (!(isPortFull ? _unanswered.TryFind(port, out var oldest) : _unanswered.TryFind(share, out oldest)))
            return false;
        End(oldest);
        Interlocked.Increment(ref _givenUp);
        return true;
    }

    private void End(UdpSession session)
    {
        _sessions--;
        _unanswered.Remove(session);
        session.Entrance.Remove(session);
        _carriers.Leave(session, Environment.TickCount64);
    }
}
