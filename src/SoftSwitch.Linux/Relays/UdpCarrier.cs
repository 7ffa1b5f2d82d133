using System.Net.Sockets;

namespace SoftSwitch.Linux.Relays;

/// <summary>
/// A socket towards the guest that carries a conversation of each forwarded port, at most one of each: the port that an answer comes from
/// tells which conversation it belongs to. So there are as many carriers as one port has conversations, and a client that speaks to twenty
/// thousand ports takes one descriptor. When a conversation has ended, its place rests: to the guest the next conversation there looks the
/// same, and its client would get a late answer to the last.
/// </summary>
internal sealed class UdpCarrier(Socket socket, ulong token) : IDisposable
{
    private readonly Dictionary<int, UdpSession> _sessions = [];
    private readonly Dictionary<int, long> _rests = [];

    internal int Fd => (int)socket.SafeHandle.DangerousGetHandle();

    internal ulong Token => token;

    internal bool IsIdle => _sessions.Count == 0 && _rests.Count == 0;

    internal UdpSession? Find(int port) => _sessions.GetValueOrDefault(port);

    /// <summary>When the last conversation in a port's place ended, in milliseconds, if the place still rests from it.</summary>
    internal long? RestsSince(int port) => _rests.TryGetValue(port, out var since) ? since : null;

    internal void Add(UdpSession session)
    {
        _rests.Remove(session.Client.LocalPort);
        _sessions.Add(session.Client.LocalPort, session);
    }

    /// <summary>Its place rests from now on.</summary>
    internal void Remove(UdpSession session, long now)
    {
        _sessions.Remove(session.Client.LocalPort);
        _rests[session.Client.LocalPort] = now;
    }

    /// <summary>A place has rested from what ended then; one that rests from something else goes on.</summary>
    internal void EndRest(int port, long since)
    {
        if (RestsSince(port) == since)
            _rests.Remove(port);
    }

    public void Dispose() => socket.Dispose();
}
