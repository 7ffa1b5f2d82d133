using System.Net;
using System.Security.Cryptography;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Linux.Resolvers;

namespace SoftSwitch.State.Names;

/// <summary>
/// A question that resolvers are being asked, one after the other, twice: each has a socket of its own and chance of its own. Who doesn't
/// answer in time, or only says that he can't, is followed by the next; who has more to say than a datagram takes is asked by TCP.
/// </summary>
/// <param name="question">What.</param>
/// <param name="network">Whose guests wait.</param>
/// <param name="servers">Who is asked.</param>
internal sealed class AskedName(DnsWaiters question, NamedNetwork network, IReadOnlyList<IPAddress> servers)
{
    private const int Rounds = 2;

    /// <summary>Messages that aren't the answer: somebody guesses.</summary>
    private const int MostWrong = 64;

    /// <summary>About two seconds, for it is looked at once a second.</summary>
    private const long Patience = 1_500;

    private readonly byte[] _chance = new byte[UpstreamQuery.ChanceBytes];
    private int _next, _wrong;

    public DnsWaiters Question => question;

    public NamedNetwork Network => network;

    public IReadOnlyList<IPAddress> Servers => servers;

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
        while (_next < Rounds * servers.Count)
        {
            var (server, isPlain) = (servers[_next % servers.Count], _next >= servers.Count);
            _next++;
            if (TryBegin(server, isPlain, isStream: false, now))
                return true;
        }
        return false;
    }

    /// <summary>Asks the same resolver once more, by TCP.</summary>
    public bool TryAllOfIt(long now)
    {
        var last = _next - 1;
        return TryBegin(servers[last % servers.Count], last >= servers.Count, isStream: true, now);
    }

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

    private bool TryBegin(IPAddress server, bool isPlain, bool isStream, long now)
    {
        Leave();
        RandomNumberGenerator.Fill(_chance);
        (Query, Until, _wrong) = (new(question, _chance, isPlain), now + Patience, 0);
        Socket = ResolverSocket.Open(server, isStream);
        if (Socket is null || (!isStream && !TrySay()))
            Leave();
        return Socket is not null;
    }
}
