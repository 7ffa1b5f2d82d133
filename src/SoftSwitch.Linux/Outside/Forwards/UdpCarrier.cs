using System.Net.Sockets;

namespace SoftSwitch.Linux.Outside.Forwards;

/// <summary>
/// A socket towards the guest that carries a conversation of each forwarded port, at most one of each: the port that an answer comes from tells whose it is. So
/// there are as many of these as one port has conversations, and a client that speaks to twenty thousand ports takes one descriptor.
/// </summary>
internal sealed class UdpCarrier(Socket socket, ulong token) : IDisposable
{
    private readonly Dictionary<int, UdpSession> _sessions = [];

    internal int Fd => (int)socket.SafeHandle.DangerousGetHandle();

    internal ulong Token => token;

    internal bool IsIdle => _sessions.Count == 0;

    internal UdpSession? Find(int port) => _sessions.GetValueOrDefault(port);

    internal void Add(UdpSession session) => _sessions.Add(session.Client.LocalPort, session);

    internal void Remove(UdpSession session) => _sessions.Remove(session.Client.LocalPort);

    public void Dispose() => socket.Dispose();
}
