using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Hears that IPv4 addresses or routes of one namespace have changed (RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE), and of links (RTMGRP_LINK),
/// for the kernel says nothing of the routes that go with an interface. What they are now is read anew: with many routes that costs, so not
/// more than once a second. Open it before listing, or what happens in between is missed. One thread at a time.
/// </summary>
public sealed class RouteMonitor : IDisposable
{
    private const uint Groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE;

    private readonly NetlinkSocket _socket;

    /// <param name="inside">The namespace to hear of; left out, the calling thread's.</param>
    public RouteMonitor(NetworkNamespace? inside = null) =>
        _socket = inside is null ? new(Groups) : inside.Run(static () => new NetlinkSocket(Groups));

    /// <summary>Readable when there is news.</summary>
    public int Fd => _socket.Fd;

    /// <summary>Takes all news there is now, without waiting; true: something changed, or news was lost.</summary>
    public bool Read()
    {
        var changed = false;
        while (true)
        {
            try
            {
                var datagram = _socket.ReadDatagram("recv", "route monitor");
                if (datagram.IsEmpty)
                    return changed;
                changed |= IsNews(datagram);
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.ENOBUFS)
            {
                changed = true;
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    internal static bool IsNews(ReadOnlySpan<byte> datagram)
    {
        var messages = new MessageReader(datagram);
        while (messages.Next())
        {
            if (messages.Header.nlmsg_type is RTM_NEWADDR or RTM_DELADDR or RTM_NEWROUTE or RTM_DELROUTE or RTM_NEWLINK or RTM_DELLINK)
                return true;
        }
        return false;
    }
}
