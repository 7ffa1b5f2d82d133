using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>
/// The routes that the kernel makes of an address when an interface gets it or comes up, and never again: somebody who removes them cuts
/// the interface off. They are made as the kernel makes them, beside whatever leads to the same; those that are there stay.
/// </summary>
public sealed partial class Links
{
    /// <summary>The metric of what the kernel makes of an IPv6 address (IP6_RT_PRIO_ADDRCONF).</summary>
    private const uint KernelMetric = 256;

    /// <summary>Of the first of the routes to ::1 beside the loopback's, which has 0. Each interface has its own, for two of one metric are
    /// one to the kernel.</summary>
    private const uint LoopbackMetric = 2048;

    /// <summary>Of an IPv4 address: it is the host's, its network is on the interface, and the network's broadcast is heard.</summary>
    internal void RestoreRoutes(int index, Ipv4Address address, int prefixLength)
    {
        var subnet = Ipv4Subnet.Containing(address, prefixLength);
        Restore(index, address, new(address, 32), RTN_LOCAL);
        if (prefixLength < 32)
            Restore(index, address, subnet, RTN_UNICAST);
        // RFC 3021: a network of two addresses has no broadcast.
        if (prefixLength < 31)
            Restore(index, address, new(subnet.Broadcast, 32), RTN_BROADCAST);
    }

    /// <summary>Of a link-local IPv6 address: all such are on the interface.</summary>
    internal void RestoreLinkLocalRoute(int index) => Try(
        Ipv6Route(stackalloc byte[RequestSize], NLM_F_APPEND, index, Ipv6Subnet.Containing(Ipv6Address.LinkLocal, 64), KernelMetric,
            new() { rtm_table = RT_TABLE_MAIN, rtm_protocol = RTPROT_KERNEL, rtm_type = RTN_UNICAST }).Message,
        "RTM_NEWROUTE");

    /// <summary>
    /// Lets what comes in by an interface for ::1 be the host's, beside its loopback: the kernel takes such a packet only where a route to
    /// ::1 is on the interface that it came in by (rt6_need_strict). What the host itself says to ::1 goes by the loopback as before, for
    /// the metric is a higher one.
    /// </summary>
    internal void AddLoopbackRoute(int index) => AddRoute(index, new(1), RTN_LOCAL, LoopbackMetric + (uint)index);

    /// <summary>Leads an IPv6 address to an interface, where somebody answers for it, before all rules. One that is there stays.</summary>
    internal void AddHostRoute(int index, Ipv6Address address) => AddRoute(index, address, RTN_UNICAST, KernelMetric);

    private void AddRoute(int index, Ipv6Address address, byte type, uint metric)
    {
        var request = Ipv6Route(stackalloc byte[RequestSize], NLM_F_EXCL, index, Ipv6Subnet.Containing(address, 128), metric,
            new() { rtm_table = RT_TABLE_LOCAL, rtm_protocol = RTPROT_STATIC, rtm_type = type });
        try
        {
            Change(request.Message, "RTM_NEWROUTE", $"route to {address} on {Named(index)}");
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EEXIST)
        {
        }
    }

    /// <param name="kind">Table, protocol and type.</param>
    private static MessageBuilder Ipv6Route(Span<byte> buffer, ushort flags, int index, Ipv6Subnet to, uint metric, rtmsg kind)
    {
        var request = new MessageBuilder(buffer, RTM_NEWROUTE, (ushort)(NLM_F_CREATE | flags));
        (kind.rtm_family, kind.rtm_dst_len) = (SysSocket.AF_INET6, (byte)to.PrefixLength);
        request.Append(kind);
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        to.Address.Write(bytes);
        request.Put(RTA_DST, bytes);
        request.Put(RTA_OIF, (uint)index);
        request.Put(RTA_PRIORITY, metric);
        return request;
    }

    private void Restore(int index, Ipv4Address address, Ipv4Subnet to, byte type)
    {
        var isLocal = type != RTN_UNICAST;
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
        request.Append(new rtmsg
        {
            rtm_family = SysSocket.AF_INET,
            rtm_dst_len = (byte)to.PrefixLength,
            rtm_table = isLocal ? RT_TABLE_LOCAL : RT_TABLE_MAIN,
            rtm_protocol = RTPROT_KERNEL,
            rtm_scope = type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
            rtm_type = type,
        });
        request.PutBigEndian(RTA_DST, to.Address.Value);
        request.Put(RTA_OIF, (uint)index);
        request.PutBigEndian(RTA_PREFSRC, address.Value);
        Try(request.Message, "RTM_NEWROUTE");
    }

    /// <summary>Where the kernel refuses, it is there (EEXIST), or gone together with something else.</summary>
    private void Try(Span<byte> message, string call)
    {
        lock (_lock)
            _ = _socket.Ask(message, call, "interface", null);
    }
}
