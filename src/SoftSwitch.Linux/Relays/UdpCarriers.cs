using System.Net.Sockets;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Workers;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// The sockets towards the guest, and which of them a new conversation takes: one whose place for that port is free and has rested; else a
/// new one; where there may be no more of them, the place that has rested longest. The relay's thread alone uses it.
/// </summary>
/// <param name="poller">Watches each socket.</param>
/// <param name="device">The only interface that they leave by; null: any.</param>
/// <param name="tokens">Makes a socket's name for the poller.</param>
/// <param name="max">The most sockets there may be.</param>
internal sealed class UdpCarriers(Poller poller, byte[]? device, Func<ulong> tokens, int max) : IDisposable
{
    /// <summary>How long a place rests: as long as a guest has to answer.</summary>
    internal const int RestMilliseconds = UdpRelay.UnansweredMilliseconds;

    private readonly Dictionary<ulong, UdpCarrier> _carriers = [];

    /// <summary>The places that rest, the longest first; some have been taken meanwhile.</summary>
    private readonly Queue<(UdpCarrier Carrier, int Port, long Since)> _rests = new();

    internal int Most => max;

    /// <summary>The ports that new ones have.</summary>
    internal RelayPorts From { private get; set; } = RelayPorts.Any;

    internal bool TryGet(ulong token, out UdpCarrier carrier) => _carriers.TryGetValue(token, out carrier!);

    /// <summary>Finds or opens a socket that carries no conversation of this port.</summary>
    /// <exception cref="SocketException">There is none, and no more can be had.</exception>
    /// <exception cref="SystemCallException">The same.</exception>
    internal UdpCarrier For(int port, long now)
    {
        EndRests(now);
        UdpCarrier? rested = null;
        var since = long.MaxValue;
        foreach (var carrier in _carriers.Values)
        {
            if (carrier.Find(port) is not null)
                continue;
            if (carrier.RestsSince(port) is not { } began)
                return carrier;
            if (began < since)
                (rested, since) = (carrier, began);
        }
        if (rested is not null && _carriers.Count >= max)
            return rested;
        try
        {
            return Open();
        }
        catch (Exception e) when (rested is not null && e is SocketException or SystemCallException)
        {
            return rested;
        }
    }

    /// <summary>A conversation is over.</summary>
    internal void Leave(UdpSession session, long now)
    {
        session.Carrier.Remove(session, now);
        _rests.Enqueue((session.Carrier, session.Client.LocalPort, now));
        EndRests(now);
    }

    /// <summary>Frees places that have rested, and closes sockets that carry nothing.</summary>
    internal void EndRests(long now)
    {
        while (_rests.TryPeek(out var first) && (now - first.Since >= RestMilliseconds || _rests.Count > MachineLimits.Rests.Most))
        {
            _rests.Dequeue();
            first.Carrier.EndRest(first.Port, first.Since);
            if (first.Carrier.IsIdle && _carriers.Remove(first.Carrier.Token))
            {
                poller.Remove(first.Carrier.Fd);
                first.Carrier.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var carrier in _carriers.Values)
            carrier.Dispose();
    }

    private UdpCarrier Open()
    {
        var socket = TcpRelay.Towards(SocketType.Dgram, ProtocolType.Udp, device);
        try
        {
            if (_carriers.Count >= max || OpenFiles.IsAmongTheLast((int)socket.SafeHandle.DangerousGetHandle()))
                throw new SocketException((int)SocketError.TooManyOpenSockets);
            socket.ReceiveBufferSize = MachineLimits.Datagrams.Most;
            // Refusals come with whom they are about.
            socket.SetRawSocketOption(NetinetIn.IPPROTO_IP, NetinetIn.IP_RECVERR, BitConverter.GetBytes(1));
            From.Bind(socket);
            var made = new UdpCarrier(socket, tokens());
            poller.Add(made.Fd, made.Token);
            _carriers.Add(made.Token, made);
            return made;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
