using System.Net.Sockets;

namespace SoftSwitch.Linux.Relays;

/// <summary>One forwarded UDP port, held by a socket of its own.</summary>
internal sealed class UdpForward(UdpRelay relay, Socket listener, int port, ulong token) : UdpEntrance(relay, token)
{
    private readonly UdpShare _share = new();

    internal override int Forwards => 1;

    internal override int Fd => (int)listener.SafeHandle.DangerousGetHandle();

    internal override UdpShare ShareOf(int port) => _share;

    internal override bool TryTake(UdpDatagrams datagrams, out UdpClientId? client, out UdpPayload payload)
    {
        var taken = datagrams.TryTake(Fd, port, out client, out var length);
        payload = new(0, length, length);
        return taken;
    }

    internal override void Answer(UdpDatagrams datagrams, UdpClientId client, int length) => datagrams.Answer(Fd, client, length);

    internal override void Close() => listener.Dispose();
}
