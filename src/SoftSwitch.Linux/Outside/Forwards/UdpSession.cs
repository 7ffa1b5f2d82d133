using System.Net.Sockets;

namespace SoftSwitch.Linux.Outside.Forwards;

/// <summary>A client's conversation: a socket of its own towards the guest, so that answers find back to it.</summary>
internal sealed class UdpSession(UdpEntrance entrance, UdpClientId client, Socket socket, ulong token, long now)
{
    internal UdpEntrance Entrance => entrance;

    internal UdpClientId Client => client;

    internal Socket Socket => socket;

    internal int Fd => (int)socket.SafeHandle.DangerousGetHandle();

    internal ulong Token => token;

    /// <summary>The last datagram of either direction, in milliseconds.</summary>
    internal long Heard { get; set; } = now;
}
