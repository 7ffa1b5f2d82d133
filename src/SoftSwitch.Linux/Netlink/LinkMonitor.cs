using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Hears of every interface of one namespace that appears, changes or goes (RTMGRP_LINK), and of those whose addresses or filters do. Poll
/// <see cref="Fd"/>, then <see cref="Read"/>. Open it before listing, or what happens in between is missed. One thread at a time.
/// </summary>
public sealed class LinkMonitor : IDisposable
{
    private const uint Groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_TC;

    private readonly NetlinkSocket _socket;

    /// <param name="inside">The namespace to hear of; left out, the calling thread's.</param>
    public LinkMonitor(NetworkNamespace? inside = null) =>
        _socket = new(Groups, inside: inside);

    /// <summary>Readable when there is news.</summary>
    public int Fd => _socket.Fd;

    /// <summary>
    /// Adds all news there is now, oldest first, without waiting. False: there was more than the kernel keeps for us and some is lost,
    /// so list the interfaces again.
    /// </summary>
    /// <param name="events">Of interfaces.</param>
    /// <param name="touched">Gets the numbers of interfaces whose addresses or filters have changed.</param>
    /// <param name="lost">Gets the numbers of those that have lost some.</param>
    public bool Read(List<LinkEvent> events, HashSet<int>? touched = null, HashSet<int>? lost = null)
    {
        var complete = true;
        while (true)
        {
            ReadOnlySpan<byte> datagram;
            try
            {
                datagram = _socket.ReadDatagram("recv", "link monitor");
            }
            catch (SystemCallException e) when (e.ErrorNumber == Errno.ENOBUFS)
            {
                complete = false;
                continue;
            }
            if (datagram.IsEmpty)
                return complete;
            Parse(datagram, events, touched, lost);
        }
    }

    public void Dispose() => _socket.Dispose();

    internal static void Parse(
        ReadOnlySpan<byte> datagram, List<LinkEvent> events, HashSet<int>? touched = null, HashSet<int>? lost = null)
    {
        var messages = new MessageReader(datagram);
        while (messages.Next())
        {
            var type = messages.Header.nlmsg_type;
            if (type is RTM_NEWLINK or RTM_DELLINK && LinkMessage.Read(messages.Payload) is { } link)
                events.Add(new(type == RTM_DELLINK ? LinkEventKind.Removed : LinkEventKind.Changed, link));
            else if (IndexOf(type, messages.Payload) is { } index)
            {
                touched?.Add(index);
                if (type is RTM_DELQDISC or RTM_DELTFILTER or RTM_DELADDR)
                    lost?.Add(index);
            }
        }
    }

    /// <summary>The interface that a message about filters or addresses is about; null: it is about something else.</summary>
    private static int? IndexOf(ushort type, ReadOnlySpan<byte> payload) => type switch
    {
        RTM_NEWQDISC or RTM_DELQDISC or RTM_NEWTFILTER or RTM_DELTFILTER when payload.Length >= Unsafe.SizeOf<tcmsg>() =>
            MemoryMarshal.Read<tcmsg>(payload).tcm_ifindex,
        RTM_NEWADDR or RTM_DELADDR when payload.Length >= Unsafe.SizeOf<ifaddrmsg>() =>
            (int)MemoryMarshal.Read<ifaddrmsg>(payload).ifa_index,
        _ => null,
    };
}
