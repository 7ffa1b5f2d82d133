using System.Net;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Resolvers;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Logging;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dns;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State.Names;

/// <summary>
/// Asks the host's resolvers, or those of the file, for the names that guests want to know and that nobody here knows.
/// <code>
///   a guest waits ──► Ring ──► a socket of the host's asks ──► the answer ──► the server remembers it, and has a turn to say it
///                                                  nobody ──► the next resolver, twice ──► what was known before, or a failure
/// </code>
/// Who was silent is asked last (<see cref="KnownResolvers"/>).
/// It has a thread of its own, which reads what strangers send and has no capability. Sockets are as many as
/// <see cref="UpstreamPlaces"/> has, and one more for each resolver that is tried; ports have their turns. It never asks an address of the
/// switch's own.
/// </summary>
internal sealed class UpstreamNames : IDisposable
{
    private readonly SwitchWorkers _workers;
    private readonly ISwitchLog _log;
    private readonly ControlLoop _loop;
    private readonly ResolverFile _file = new();
    private readonly KnownResolvers _known = new();
    private readonly UpstreamPlaces _places = new();
    private readonly HashSet<AskedName> _asked = [];
    private readonly HashSet<string> _answered = [], _unanswered = [];
    private readonly byte[] _message = new byte[DnsHeader.MaximumSize];
    private IReadOnlyList<NamedNetwork> _networks = [];
    private HashSet<IPAddress> _own = [];
    private int _rung;

    /// <param name="workers">Who say the answers.</param>
    /// <param name="log">Is told when nobody answers.</param>
    public UpstreamNames(SwitchWorkers workers, ISwitchLog log)
    {
        (_workers, _log) = (workers, log);
        _loop = new(Tick, Failed, "names");
        _loop.Post(Capabilities.DropAll);
    }

    /// <summary>These are the networks whose guests are told names.</summary>
    /// <param name="networks">All of them.</param>
    /// <param name="own">Addresses of the switch, which are never asked.</param>
    public void Follow(IReadOnlyList<NamedNetwork> networks, IReadOnlyList<Ipv4Address> own) => _loop.Invoke(() =>
    {
        foreach (var gone in _networks)
            gone.Server.QuestionsAreWanted = null;
        (_networks, _own) = (networks, [.. own.Select(Address)]);
        foreach (var network in networks)
            network.Server.QuestionsAreWanted = Ring;
        AskWanted();
    });

    /// <summary>No worker rings any more.</summary>
    public void Dispose()
    {
        foreach (var network in _networks)
            network.Server.QuestionsAreWanted = null;
        _workers.Settle(); // No worker is in a turn from before.
        _loop.Dispose();
        foreach (var asked in _asked)
            asked.Leave();
    }

    private static Instant Now => new(Environment.TickCount64);

    /// <summary>Called by workers.</summary>
    private void Ring()
    {
        if (Interlocked.Exchange(ref _rung, 1) == 0)
            _loop.Post(AskWanted);
    }

    private void AskWanted()
    {
        Volatile.Write(ref _rung, 0);
        for (var any = true; any;)
        {
            any = false;
            foreach (var network in _networks)
            {
                if (network.Server.TakeWanted(_places, Now) is not { } wanted)
                    continue;
                any = true;
                var servers = _known.Order(Resolvers(network));
                Begin(new(wanted, network, servers, _known));
                if (_known.TakeToTry(servers, Now.Milliseconds) is { } silent)
                    Begin(new(wanted, network, [silent], _known, isTry: true));
            }
        }
        // Some may have failed without being asked.
        foreach (var network in _networks)
            Resume(network);
    }

    private void Begin(AskedName asked)
    {
        _asked.Add(asked);
        Next(asked);
    }

    private IEnumerable<IPAddress> Resolvers(NamedNetwork network) =>
        network.Resolvers.SelectMany(server => server is { } one ? [Address(one)] : _file.Servers(Now.Milliseconds))
            .Where(server => !_own.Contains(server)).Distinct();

    private static IPAddress Address(Ipv4Address address) => IPAddress.Parse(address.ToString());

    /// <summary>The next resolver's turn, or nobody's.</summary>
    private void Next(AskedName asked)
    {
        Leave(asked);
        if (asked.TryNext(Now.Milliseconds))
        {
            Watch(asked);
            _loop.TickBy(asked.Until);
            return;
        }
        if (asked.IsTry)
        {
            End(asked);
            return;
        }
        // That a name can't be found out is no news, where others could be.
        if (!(asked.IsRefused && _answered.Contains(asked.Network.Name)) && _unanswered.Add(asked.Network.Name))
            _log.News(LogSubject.OfNetwork(asked.Network.Name), LogLevel.Warning, Complaint(asked));
        asked.Network.Server.Fail(asked.Question, Now);
        End(asked);
    }

    private static string Complaint(AskedName asked) =>
        $"{DnsName.ToText(asked.Question.Name)}: "
        + (asked.Servers.Count == 0 ? "there is no resolver to ask"
            : $"{(asked.IsRefused ? "the resolvers only say that they can't or won't answer" : "none of the resolvers answers")} "
                + $"({string.Join(", ", asked.Servers)})")
        + ": guests that ask for such names are told of a failure; dns: { servers: [ADDRESS] } names others";

    private void AllOfIt(AskedName asked)
    {
        Leave(asked);
        if (!asked.TryAllOfIt(Now.Milliseconds))
        {
            Next(asked);
            return;
        }
        _loop.TickBy(asked.Until);
        _loop.WatchForWriting(asked.Socket!.Fd, () =>
        {
            _loop.Unwatch(asked.Socket!.Fd);
            if (asked.TrySay())
                Watch(asked);
            else
                Next(asked);
        });
    }

    private void Watch(AskedName asked) => _loop.Watch(asked.Socket!.Fd, () => Hear(asked));

    private void Hear(AskedName asked)
    {
        var length = asked.Socket!.Receive(_message);
        if (length == 0)
            return;
        if (length < 0)
        {
            asked.WasSilent(Now.Milliseconds);
            Next(asked);
            return;
        }
        var message = _message.AsSpan(0, length);
        var judged = asked.Query!.Judge(message);
        if (judged != UpstreamVerdict.IsNotIt)
            asked.HasAnswered(Now.Milliseconds);
        switch (judged)
        {
            case not UpstreamVerdict.IsNotIt when asked.IsTry:
                End(asked);
                break;
            case UpstreamVerdict.IsNotIt when asked.MayWait():
                break;
            case UpstreamVerdict.IsCut when !asked.Socket.IsStream:
                AllOfIt(asked);
                break;
            case UpstreamVerdict.IsAnswer when asked.Network.Server.Answer(asked.Question, message, Now):
                _answered.Add(asked.Network.Name);
                _unanswered.Remove(asked.Network.Name);
                End(asked);
                break;
            case var verdict:
                asked.IsRefused |= verdict != UpstreamVerdict.IsNotIt;
                Next(asked);
                break;
        }
    }

    /// <summary>It is known, or not known for now.</summary>
    private void End(AskedName asked)
    {
        Leave(asked);
        _asked.Remove(asked);
        // Whom nobody waits for has no place.
        if (asked.IsTry)
            return;
        _places.Give(asked.Question.By);
        Resume(asked.Network);
        // There is a place for another.
        Ring();
    }

    private void Leave(AskedName asked)
    {
        if (asked.Socket is { } socket)
            _loop.Unwatch(socket.Fd);
        asked.Leave();
    }

    private void Tick(long now)
    {
        foreach (var asked in _asked.Where(one => one.Until <= now).ToList())
        {
            asked.WasSilent(now);
            Next(asked);
        }
        foreach (var asked in _asked)
            _loop.TickBy(asked.Until);
    }

    private void Resume(NamedNetwork network)
    {
        if (network.Server.HasAnswers)
            _workers.First.Resume(network.Station, Failed);
    }

    private void Failed(Exception e) => _log.Failed(new("names"), e);
}
