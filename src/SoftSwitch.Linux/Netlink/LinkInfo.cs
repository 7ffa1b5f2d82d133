using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfLink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>An interface as the kernel described it at one moment.</summary>
public sealed record LinkInfo
{
    /// <summary>The place of tx_dropped among the words of struct rtnl_link_stats64 (linux/if_link.h).</summary>
    private const int TransmitDroppedAt = 7;

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

    public bool IsLoopback { get; init; }

    /// <summary>The driver's kind (<c>veth</c>, <c>tun</c>, <c>bridge</c>); null for hardware.</summary>
    public string? Kind { get; init; }

    /// <summary>The index of the bridge or bond it is part of; 0: none.</summary>
    public int Master { get; init; }

    /// <summary>Frames that the interface should have sent and dropped instead (tx_dropped): on a tap, those that found its queue
    /// full.</summary>
    public ulong TransmitDropped { get; init; }

    /// <summary>For kind <c>tun</c>.</summary>
    public TunInfo? Tun { get; init; }

    /// <summary>The kernel makes itself no IPv6 address on it (addrgenmode none), or has no IPv6 there.</summary>
    internal bool GeneratesNoAddress { get; init; } = true;

    /// <summary>
    /// Reads the payload of RTM_NEWLINK or RTM_DELLINK; null when it doesn't describe an interface (a bridge port's news, a wireless
    /// driver's) or is broken.
    /// </summary>
    internal static LinkInfo? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Unsafe.SizeOf<ifinfomsg>())
            return null;
        var header = MemoryMarshal.Read<ifinfomsg>(payload);
        // The bridge speaks of its ports in the same messages with its own family; "deleted" there means only "left the bridge".
        if (header.ifi_family != SysSocket.AF_UNSPEC || header.ifi_index <= 0)
            return null;
        string? name = null, kind = null;
        TunInfo? tun = null;
        MacAddress mac = default;
        ulong dropped = 0;
        var (mtu, master, carrier, silent) = (0, 0, false, true);
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<ifinfomsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IFLA_IFNAME:
                    name = attributes.Text;
                    break;
                case IFLA_ADDRESS when attributes.Value.Length == MacAddress.Size:
                    mac = MacAddress.Read(attributes.Value);
                    break;
                case IFLA_MTU:
                    mtu = (int)Math.Min(attributes.UInt32, int.MaxValue);
                    break;
                case IFLA_MASTER:
                    master = (int)attributes.UInt32;
                    break;
                case IFLA_CARRIER:
                    carrier = attributes.Byte != 0;
                    break;
                case IFLA_STATS64 when attributes.Value.Length >= (TransmitDroppedAt + 1) * sizeof(ulong):
                    dropped = BitConverter.ToUInt64(attributes.Value[(TransmitDroppedAt * sizeof(ulong))..]);
                    break;
                case IFLA_WIRELESS:
                    return null; // A scan has ended, or so: name and flags are all that is said of the interface.
                case IFLA_LINKINFO:
                    (kind, tun) = ReadKind(attributes.Nested);
                    break;
                case IFLA_AF_SPEC:
                    silent = ReadSilent(attributes.Nested);
                    break;
            }
        }
        return string.IsNullOrEmpty(name) ? null : new LinkInfo
        {
            Index = header.ifi_index,
            Name = name,
            MacAddress = mac,
            Mtu = mtu,
            IsUp = (header.ifi_flags & If.IFF_UP) != 0,
            HasCarrier = carrier,
            IsRunning = (header.ifi_flags & If.IFF_UP) != 0 && (header.ifi_flags & If.IFF_LOWER_UP) != 0,
            IsEthernet = header.ifi_type == If.ARPHRD_ETHER,
            IsLoopback = (header.ifi_flags & If.IFF_LOOPBACK) != 0,
            Kind = kind,
            Master = master,
            TransmitDropped = dropped,
            Tun = tun,
            GeneratesNoAddress = silent,
        };
    }

    private static (string? Kind, TunInfo? Tun) ReadKind(AttributeReader attributes)
    {
        string? kind = null;
        TunInfo? tun = null;
        while (attributes.Next())
        {
            if (attributes.Type == IFLA_INFO_KIND)
                kind = attributes.Text;
            else if (attributes.Type == IFLA_INFO_DATA && kind == "tun")
                tun = ReadTun(attributes.Nested);
        }
        return (kind, tun);
    }

    private static TunInfo ReadTun(AttributeReader attributes)
    {
        var tun = new TunInfo(false, false, false, null);
        while (attributes.Next())
        {
            tun = attributes.Type switch
            {
                IFLA_TUN_TYPE => tun with { IsTap = attributes.Byte == IfTun.IFF_TAP },
                IFLA_TUN_PERSIST => tun with { IsPersistent = attributes.Byte != 0 },
                IFLA_TUN_VNET_HDR => tun with { HasVnetHeader = attributes.Byte != 0 },
                IFLA_TUN_OWNER => tun with { Owner = attributes.UInt32 },
                _ => tun,
            };
        }
        return tun;
    }

    private static bool ReadSilent(AttributeReader families)
    {
        while (families.Next())
        {
            if (families.Type != SysSocket.AF_INET6)
                continue;
            var inet6 = families.Nested;
            while (inet6.Next())
            {
                if (inet6.Type == IFLA_INET6_ADDR_GEN_MODE)
                    return inet6.Byte == IN6_ADDR_GEN_MODE_NONE;
            }
        }
        return true;
    }
}
