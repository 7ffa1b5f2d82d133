using System.Net.Sockets;

namespace SoftSwitch.Linux.Outside.Forwards;

/// <summary>One forwarded UDP port and the conversations by it. The relay's thread alone uses it, but for its end.</summary>
internal sealed class UdpForward(UdpRelay relay, Socket listener, int port, ulong token) : IDisposable
{
    internal Dictionary<UdpClientId, UdpSession> Sessions { get; } = [];

    internal Socket Listener => listener;

    internal int Fd => (int)listener.SafeHandle.DangerousGetHandle();

    internal int Port => port;

    internal ulong Token => token;

    /// <summary>Ends its conversations and gives the port back; for any thread but the relay's.</summary>
    public void Dispose() => relay.End(this);
}
