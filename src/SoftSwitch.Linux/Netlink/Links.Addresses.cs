using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Netlink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

public sealed partial class Links
{
    /// <summary>The IPv4 addresses of interfaces, each interface's in the kernel's order.</summary>
    /// <param name="index">The only interface that is wanted; null: all.</param>
    public IReadOnlyList<AddressInfo> Addresses(int? index = null)
    {
        var addresses = new List<AddressInfo>();
        ReadAddresses(SysSocket.AF_INET, index, addresses.Clear, payload =>
        {
            if (AddressInfo.Read(payload) is { } address && (index is null || address.Interface == index))
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>The IPv6 addresses of interfaces.</summary>
    /// <param name="index">The only interface that is wanted; null: all.</param>
    public IReadOnlyList<Ipv6AddressInfo> Ipv6Addresses(int? index = null)
    {
        var addresses = new List<Ipv6AddressInfo>();
        ReadAddresses(SysSocket.AF_INET6, index, addresses.Clear, payload =>
        {
            if (Ipv6AddressInfo.Read(payload) is { } address && (index is null || address.Interface == index))
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>Puts an address on an interface; again is no error.</summary>
    /// <param name="index">The interface.</param>
    /// <param name="address">Its address.</param>
    /// <param name="prefixLength">Bits of the network, 0 to 32.</param>
    public void AddAddress(int index, Ipv4Address address, int prefixLength)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)prefixLength, 32u, nameof(prefixLength));
        var request = Address(stackalloc byte[RequestSize], index, SysSocket.AF_INET, prefixLength);
        request.PutBigEndian(IFA_LOCAL, address.Value);
        request.PutBigEndian(IFA_ADDRESS, address.Value);
        // RFC 3021: a network of two addresses has no broadcast.
        if (prefixLength is > 0 and < 31)
            request.PutBigEndian(IFA_BROADCAST, Ipv4Subnet.Containing(address, prefixLength).Broadcast.Value);
        Change(request.Message, "RTM_NEWADDR", $"{address}/{prefixLength} on {Named(index)}");
    }

    /// <summary>Puts an IPv4 or IPv6 address on an interface; an IPv6 one is usable at once (no duplicate address detection).</summary>
    public void AddAddress(int index, IPAddress address, int prefixLength)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            AddAddress(index, Ipv4Address.Read(address.GetAddressBytes()), prefixLength);
            return;
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)prefixLength, 128u, nameof(prefixLength));
        var request = Address(stackalloc byte[RequestSize], index, SysSocket.AF_INET6, prefixLength);
        request.Put(IFA_LOCAL, address.GetAddressBytes());
        request.Put(IFA_ADDRESS, address.GetAddressBytes());
        Change(request.Message, "RTM_NEWADDR", $"{address}/{prefixLength} on {Named(index)}");
    }

    /// <summary>
    /// Takes off an interface what the kernel has given it by itself: it has made a link-local address although it was told not to, for it
    /// forgets that where IPv6 was off there for a while, as it is with an MTU below 1,280.
    /// </summary>
    internal void KeepWithoutIpv6(int index)
    {
        if (FindByIndex(index) is not { GeneratesNoAddress: false })
            return;
        DisableAddressGeneration(index);
        foreach (var one in Ipv6Addresses(index))
            Remove(one);
    }

    /// <summary>Makes <paramref name="gateway"/> the way to everywhere. It must be on a network of an interface that is up.</summary>
    public void AddDefaultRoute(Ipv4Address gateway)
    {
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        gateway.Write(bytes);
        AddDefaultRoute(SysSocket.AF_INET, bytes, gateway.ToString());
    }

    /// <summary>The same, where there is none yet.</summary>
    /// <param name="gateway">Null: nothing.</param>
    internal void OfferDefaultRoute(Ipv4Address? gateway)
    {
        if (gateway is not { } way)
            return;
        try
        {
            AddDefaultRoute(way);
        }
        catch (SystemCallException e) when (e.ErrorNumber == Errno.EEXIST)
        {
            // By another interface: the namespace's own affair.
        }
    }

    /// <summary>The same for either family.</summary>
    public void AddDefaultRoute(IPAddress gateway) => AddDefaultRoute(
        gateway.AddressFamily == AddressFamily.InterNetwork ? SysSocket.AF_INET : SysSocket.AF_INET6,
        gateway.GetAddressBytes(), gateway.ToString());

    /// <summary>Tells the kernel a neighbor's MAC for good, so that it needn't ask.</summary>
    public void AddNeighbor(int index, IPAddress address, MacAddress mac)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE);
        request.Append(new ndmsg
        {
            ndm_family = (byte)(address.AddressFamily == AddressFamily.InterNetwork ? SysSocket.AF_INET : SysSocket.AF_INET6),
            ndm_ifindex = index,
            ndm_state = NUD_PERMANENT,
        });
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        mac.Write(bytes);
        request.Put(NDA_DST, address.GetAddressBytes());
        request.Put(NDA_LLADDR, bytes);
        Change(request.Message, "RTM_NEWNEIGH", $"{address} on {Named(index)}");
    }

    /// <summary>Has the kernel find a neighbor's MAC, or confirm it, as if it had something to send there.</summary>
    public void FindNeighbor(int index, Ipv6Address address)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_NEWNEIGH, NLM_F_CREATE);
        request.Append(new ndmsg { ndm_family = SysSocket.AF_INET6, ndm_ifindex = index, ndm_flags = NTF_USE });
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        address.Write(bytes);
        request.Put(NDA_DST, bytes);
        Try(request.Message, "RTM_NEWNEIGH");
    }

    /// <summary>The same, where it doesn't know it yet: the kernel tells everybody of each entry that is written, changed or
    /// not.</summary>
    internal void KeepNeighbor(int index, Ipv4Address address, MacAddress mac)
    {
        if (Neighbors(index).Any(one => one.Address == address && one.Mac == mac && one.IsPermanent))
            return;
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        address.Write(bytes);
        AddNeighbor(index, new IPAddress(bytes), mac);
    }

    /// <inheritdoc cref="KeepNeighbor(int, Ipv4Address, MacAddress)"/>
    internal void KeepNeighbor(int index, Ipv6Address address, MacAddress mac)
    {
        if (Neighbors(index).Any(one => one.Ipv6 == address && one.Mac == mac && one.IsPermanent))
            return;
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        address.Write(bytes);
        AddNeighbor(index, new IPAddress(bytes), mac);
    }

    private void Remove(Ipv6AddressInfo address)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_DELADDR, 0);
        request.Append(new ifaddrmsg
        {
            ifa_family = SysSocket.AF_INET6, ifa_prefixlen = (byte)address.Subnet.PrefixLength, ifa_index = (uint)address.Interface,
        });
        Span<byte> bytes = stackalloc byte[Ipv6Address.Size];
        address.Address.Write(bytes);
        request.Put(IFA_LOCAL, bytes);
        Try(request.Message, "RTM_DELADDR");
    }

    private static MessageBuilder Address(Span<byte> buffer, int index, int family, int prefixLength)
    {
        var request = new MessageBuilder(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
        request.Append(new ifaddrmsg
        {
            ifa_family = (byte)family,
            ifa_prefixlen = (byte)prefixLength,
            ifa_flags = family == SysSocket.AF_INET6 ? IFA_F_NODAD : (byte)0,
            ifa_scope = RT_SCOPE_UNIVERSE,
            ifa_index = (uint)index,
        });
        return request;
    }

    private void AddDefaultRoute(int family, ReadOnlySpan<byte> gateway, string text)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL);
        request.Append(new rtmsg
        {
            rtm_family = (byte)family,
            rtm_table = RT_TABLE_MAIN,
            rtm_protocol = RTPROT_STATIC,
            rtm_scope = RT_SCOPE_UNIVERSE,
            rtm_type = RTN_UNICAST,
        });
        request.Put(RTA_GATEWAY, gateway);
        Change(request.Message, "RTM_NEWROUTE", $"default route by {text}");
    }

    private void ReadAddresses(byte family, int? index, Action restart, Action<ReadOnlySpan<byte>> each)
    {
        var request = new MessageBuilder(stackalloc byte[RequestSize], RTM_GETADDR, 0);
        request.Append(new ifaddrmsg { ifa_family = family, ifa_index = (uint)(index ?? 0) });
        Dump(request.Message, "RTM_GETADDR", "addresses", restart, (type, payload) =>
        {
            if (type == RTM_NEWADDR)
                each(payload);
        }, choosing: index is not null, none: Errno.ENODEV);
    }
}
