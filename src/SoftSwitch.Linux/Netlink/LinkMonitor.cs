using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// Hears of every interface of one namespace that appears, changes or goes (RTMGRP_LINK), and of those whose addresses do. Poll
/// <see cref="Fd"/>, then <see cref="Read"/>. Open it before listing, or what happens in between is missed. One thread at a time.
/// </summary>
public sealed class LinkMonitor : IDisposable
{
    private const uint Groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;

    private readonly NetlinkSocket _socket;

    /// <param name="inside">The namespace to hear of; left out, the calling thread's.</param>
    public LinkMonitor(NetworkNamespace? inside = null) =>
        _socket = inside is null ? new(Groups) : inside.Run(static () => new NetlinkSocket(Groups));

    /// <summary>Readable when there is news.</summary>
    public int Fd => _socket.Fd;

    /// <summary>
    /// Adds all news there is now, oldest first, without waiting. False: there was more than the kernel keeps for us and some is lost,
    /// so list the interfaces again.
    /// </summary>
    /// <param name="addressed">Gets the numbers of interfaces whose addresses have changed.</param>
    public bool Read(List<LinkEvent> events, HashSet<int>? addressed = null)
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
            Parse(datagram, events, addressed);
        }
    }

    public void Dispose() => _socket.Dispose();

    internal static void Parse(ReadOnlySpan<byte> datagram, List<LinkEvent> events, HashSet<int>? addressed = null)
    {
        var messages = new MessageReader(datagram);
        while (messages.Next())
        {
            var type = messages.Header.nlmsg_type;
            if (type is RTM_NEWLINK or RTM_DELLINK && LinkMessage.Read(messages.Payload) is { } link)
                events.Add(new(type == RTM_DELLINK ? LinkEventKind.Removed : LinkEventKind.Changed, link));
            else if (type is RTM_NEWADDR or RTM_DELADDR && messages.Payload.Length >= Unsafe.SizeOf<ifaddrmsg>())
                addressed?.Add((int)MemoryMarshal.Read<ifaddrmsg>(messages.Payload).ifa_index);
        }
    }
}
