using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Netlink;

/// <summary>An interface as the kernel described it at one moment.</summary>
public sealed record LinkInfo
{
    /// <summary>Its number in its namespace, from 1.</summary>
    public required int Index { get; init; }

    public required string Name { get; init; }

    /// <summary>Zero where the interface has none.</summary>
    public MacAddress MacAddress { get; init; }

    /// <summary>Bytes after the Ethernet header.</summary>
    public int Mtu { get; init; }

    /// <summary>Set up by an administrator (IFF_UP).</summary>
    public bool IsUp { get; init; }

    /// <summary>Somebody is at the other end: a cable, a peer that is up, a tap's holder. Known whether the interface is up or
    /// not.</summary>
    public bool HasCarrier { get; init; }

    /// <summary>Frames pass: up, with carrier (IFF_LOWER_UP).</summary>
    public bool IsRunning { get; init; }

    /// <summary>Ethernet (ARPHRD_ETHER).</summary>
    public bool IsEthernet { get; init; }

    /// <summary>Packets of IP without any header in front: a tun, wireguard, ppp, ipip, a modem (ARPHRD_NONE, PPP, TUNNEL,
    /// RAWIP).</summary>
    public bool IsBareIp { get; init; }

    public bool IsLoopback { get; init; }

    /// <summary>The driver's kind (<c>veth</c>, <c>tun</c>, <c>bridge</c>); null for hardware.</summary>
    public string? Kind { get; init; }

    /// <summary>The index of the bridge or bond it is part of; 0: none.</summary>
    public int Master { get; init; }

    /// <summary>Frames that the interface should have sent and dropped instead (tx_dropped): on a tap, those that found its queue
    /// full.</summary>
    public ulong TransmitDropped { get; init; }

    /// <summary>Frames that the interface received and the kernel dropped at once (rx_dropped): its queue of received frames was full, or
    /// nothing there takes their protocol.</summary>
    public ulong ReceiveDropped { get; init; }

    /// <summary>What somebody has written on it for others to read; null: nothing.</summary>
    public string? Alias { get; init; }

    /// <summary>For kind <c>tun</c>.</summary>
    public TunInfo? Tun { get; init; }

    /// <summary>The kernel makes itself no IPv6 address on it (addrgenmode none), or has no IPv6 there.</summary>
    internal bool GeneratesNoAddress { get; init; } = true;

    /// <summary>Packets to and from 127.0.0.0/8 may come and go by it (<c>route_localnet</c>).</summary>
    internal bool RoutesLoopback { get; init; }
}
