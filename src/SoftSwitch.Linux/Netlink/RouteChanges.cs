using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Hears that an answer of <see cref="RouteLookup"/> may have become another: IPv4 routes of any table, rules, next hops, addresses or
/// links of one namespace have changed. What it was isn't read: a host may change hundreds of thousands of routes. One thread at a time.
/// </summary>
public sealed class RouteChanges : IDisposable
{
    private const uint Groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV4_RULE
        | 1U << (RTNLGRP_NEXTHOP - 1);

    /// <summary>Taken by one call; the rest is taken by the next.</summary>
    private const int MostAtOnce = 4096;

    private readonly NetlinkSocket _socket;

    /// <param name="inside">The namespace to hear of; left out, the calling thread's.</param>
    public RouteChanges(NetworkNamespace? inside = null) =>
        _socket = new(Groups, inside: inside);

    /// <summary>Readable when something has changed.</summary>
    public int Fd => _socket.Fd;

    /// <summary>Something has changed, and wasn't taken yet.</summary>
    public unsafe bool IsThere
    {
        get
        {
            var wait = new Libc.pollfd { fd = Fd, events = Libc.POLLIN };
            // SAFETY: one structure, which is this method's.
            return Libc.poll(&wait, 1, 0) > 0;
        }
    }

    /// <summary>Takes the news, without waiting.</summary>
    /// <returns>True: something has changed, or it isn't known what has.</returns>
    public bool Take()
    {
        for (var taken = 0; taken < MostAtOnce; taken++)
        {
            try
            {
                if (_socket.ReadDatagram("recv", "route changes").IsEmpty)
                    return taken > 0;
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.ENOBUFS)
            {
                // More than the kernel keeps: that is a change as well.
            }
        }
        return true;
    }

    public void Dispose() => _socket.Dispose();
}
