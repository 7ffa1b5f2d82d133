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
    internal void RestoreLinkLocalRoute(int index)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_NEWROUTE, NLM_F_CREATE | NLM_F_APPEND);
        request.Append(new rtmsg
        {
            rtm_family = SysSocket.AF_INET6,
            rtm_dst_len = 64,
            rtm_table = RT_TABLE_MAIN,
            rtm_protocol = RTPROT_KERNEL,
            rtm_type = RTN_UNICAST,
        });
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        Ipv6Address.LinkLocal.Write(bytes);
        request.Put(RTA_DST, bytes);
        request.Put(RTA_OIF, (uint)index);
        request.Put(RTA_PRIORITY, KernelMetric);
        Try(request.Message, "RTM_NEWROUTE");
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
