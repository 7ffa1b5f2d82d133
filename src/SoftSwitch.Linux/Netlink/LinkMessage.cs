using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.IfLink;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>What the kernel says of an interface: the message of RTM_NEWLINK and RTM_DELLINK.</summary>
internal static class LinkMessage
{
    /// <summary>The places of rx_dropped and tx_dropped among the words of struct rtnl_link_stats64 (linux/if_link.h).</summary>
    private const int ReceiveDroppedAt = 6, TransmitDroppedAt = 7;

    /// <summary>
    /// Reads the payload of RTM_NEWLINK or RTM_DELLINK; null when it doesn't describe an interface (a bridge port's news, a wireless
    /// driver's) or is broken.
    /// </summary>
    public static LinkInfo? Read(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead(payload, out ifinfomsg header))
            return null;
        // The bridge speaks of its ports in the same messages with its own family; "deleted" there means only "left the bridge".
        if (header.ifi_family != SysSocket.AF_UNSPEC || header.ifi_index <= 0)
            return null;
        string? name = null, kind = null, alias = null;
        TunInfo? tun = null;
        MacAddress mac = default;
        var (received, transmitted) = (0UL, 0UL);
        var (mtu, master, carrier, silent, loopback) = (0, 0, false, true, false);
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<ifinfomsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case IFLA_IFNAME:
                    name = attributes.Text;
                    break;
                case IFLA_IFALIAS:
                    alias = attributes.Text;
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
                    received = BitConverter.ToUInt64(attributes.Value[(ReceiveDroppedAt * sizeof(ulong))..]);
                    transmitted = BitConverter.ToUInt64(attributes.Value[(TransmitDroppedAt * sizeof(ulong))..]);
                    break;
                case IFLA_WIRELESS:
                    return null; // A scan has ended, or so: name and flags are all that is said of the interface.
                case IFLA_LINKINFO:
                    (kind, tun) = ReadKind(attributes.Nested);
                    break;
                case IFLA_AF_SPEC:
                    (silent, loopback) = ReadFamilies(attributes.Nested);
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
            IsBareIp = header.ifi_type is If.ARPHRD_NONE or If.ARPHRD_PPP or If.ARPHRD_TUNNEL or If.ARPHRD_RAWIP,
            IsLoopback = (header.ifi_flags & If.IFF_LOOPBACK) != 0,
            Kind = kind,
            Alias = alias,
            Master = master,
            ReceiveDropped = received,
            TransmitDropped = transmitted,
            Tun = tun,
            GeneratesNoAddress = silent,
            RoutesLoopback = loopback,
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

    private static (bool GeneratesNoAddress, bool RoutesLoopback) ReadFamilies(AttributeReader families)
    {
        var (silent, loopback) = (true, false);
        while (families.Next())
        {
            var settings = families.Nested;
            while (settings.Next())
            {
                if (families.Type == SysSocket.AF_INET6 && settings.Type == IFLA_INET6_ADDR_GEN_MODE)
                    silent = settings.Byte == IN6_ADDR_GEN_MODE_NONE;
                else if (families.Type == SysSocket.AF_INET && settings.Type == IFLA_INET_CONF)
                    loopback = IsOn(settings.Value, IPV4_DEVCONF_ROUTE_LOCALNET);
            }
        }
        return (silent, loopback);
    }

    /// <param name="settings">The words of struct ipv4_devconf, the first of which has the number 1 (linux/ip.h).</param>
    /// <param name="number">Of the setting.</param>
    private static bool IsOn(ReadOnlySpan<byte> settings, int number) =>
        settings.Length >= number * sizeof(uint) && BitConverter.ToUInt32(settings[((number - 1) * sizeof(uint))..]) != 0;
}
