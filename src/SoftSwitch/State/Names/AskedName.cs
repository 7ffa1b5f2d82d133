using System.Net;
using System.Security.Cryptography;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Linux.Resolvers;

namespace SoftSwitch.State.Names;

/// <summary>
/// A question that resolvers are being asked, one after the other, twice: each has a socket of its own and chance of its own. Who doesn't
/// answer in time, or only says that he can't, is followed by the next; who has more to say than a datagram takes is asked by TCP. The
/// first time nobody is given long, for who has to look for the name himself has it when he is asked again.
/// </summary>
/// <param name="question">What.</param>
/// <param name="network">Whose guests wait.</param>
/// <param name="servers">Who is asked, in this order.</param>
/// <param name="known">What is known of them.</param>
/// <param name="isTry">One that was silent is asked, once; nobody waits for what it says.</param>
internal sealed class AskedName(
    DnsWaiters question, NamedNetwork network, IReadOnlyList<IPAddress> servers, KnownResolvers known, bool isTry = false)
{
    private const int Rounds = 2;

    /// <summary>Messages that aren't the answer: somebody guesses.</summary>
    private const int MostWrong = 64;

    /// <summary>Milliseconds, the first time and the second.</summary>
    private const long ShortPatience = 800, Patience = 2_000;

    private readonly byte[] _chance = new byte[UpstreamQuery.ChanceBytes];
    private int _next, _wrong;
    private long _since;
    private bool _isPlain;

    public DnsWaiters Question => question;

    public NamedNetwork Network => network;

    public IReadOnlyList<IPAddress> Servers => servers;

    public bool IsTry => isTry;

    /// <summary>How it is asked now.</summary>
    public UpstreamQuery? Query { get; private set; }

    /// <summary>Who is asked now; null: nobody is left.</summary>
    public ResolverSocket? Socket { get; private set; }

    /// <summary>A resolver has said that it can't or won't answer.</summary>
    public bool IsRefused { get; set; }

    /// <summary>When the next one is asked, in milliseconds.</summary>
    public long Until { get; private set; }

    /// <summary>Begins with the next resolver that can be asked.</summary>
    /// <returns>False: there is none.</returns>
    public bool TryNext(long now)
    {
        while (_next < (isTry ? 1 : Rounds) * servers.Count)
        {
            var isSecond = _next >= servers.Count;
            _next++;
            _isPlain = isSecond && !known.IsModern(Last);
            if (TryBegin(isStream: false, now, isSecond ? Patience : ShortPatience))
                return true;
        }
        return false;
    }

    /// <summary>Nothing has come from who is asked now.</summary>
    public void WasSilent(long now)
    {
        if (Socket is { IsStream: false })
            known.WasSilent(Last, _since, now);
    }

    /// <summary>Who is asked now has said something to the question.</summary>
    public void HasAnswered(long now) => known.HasAnswered(Last, _isPlain, now);

    /// <summary>Asks the same resolver once more, by TCP.</summary>
    public bool TryAllOfIt(long now) => TryBegin(isStream: true, now, Patience);

    /// <summary>Says the question, once its connection is there.</summary>
    public bool TrySay()
    {
        Span<byte> message = stackalloc byte[Packets.Dns.DnsHeader.EveryoneTakes];
        return Socket!.TrySend(message[..Query!.Write(message)]);
    }

    /// <summary>Something has come that isn't the answer.</summary>
    /// <returns>False: too much.</returns>
    public bool MayWait() => ++_wrong < MostWrong;

    /// <summary>Ends with the resolver that is asked now.</summary>
    public void Leave()
    {
        Socket?.Dispose();
        Socket = null;
    }

    private IPAddress Last => servers[(_next - 1) % servers.Count];

    private bool TryBegin(bool isStream, long now, long patience)
    {
        Leave();
        RandomNumberGenerator.Fill(_chance);
        (Query, _since, Until, _wrong) = (new(question, _chance, _isPlain), now, now + patience, 0);
        Socket = ResolverSocket.Open(Last, isStream);
        if (Socket is null || (!isStream && !TrySay()))
            Leave();
        return Socket is not null;
    }
}
