namespace SoftSwitch.Linux.Interop;

/// <summary>linux/if_link.h and linux/veth.h.</summary>
internal static class IfLink
{
    internal const ushort IFLA_ADDRESS = 1;
    internal const ushort IFLA_IFNAME = 3;
    internal const ushort IFLA_MTU = 4;
    internal const ushort IFLA_MASTER = 10;
    internal const ushort IFLA_WIRELESS = 11;
    internal const ushort IFLA_LINKINFO = 18;
    internal const ushort IFLA_IFALIAS = 20;
    internal const ushort IFLA_STATS64 = 23;
    internal const ushort IFLA_AF_SPEC = 26;
    internal const ushort IFLA_NET_NS_FD = 28;
    internal const ushort IFLA_CARRIER = 33;
    internal const ushort IFLA_TARGET_NETNSID = 46;

    internal const ushort IFLA_INFO_KIND = 1;
    internal const ushort IFLA_INFO_DATA = 2;

    internal const ushort IFLA_INET_CONF = 1;

    /// <summary>linux/ip.h.</summary>
    internal const ushort IPV4_DEVCONF_ROUTE_LOCALNET = 26;
    internal const ushort IFLA_INET6_ADDR_GEN_MODE = 8;
    internal const byte IN6_ADDR_GEN_MODE_NONE = 1;

    internal const ushort VETH_INFO_PEER = 1;

    internal const ushort IFLA_TUN_OWNER = 1;
    internal const ushort IFLA_TUN_TYPE = 3;
    internal const ushort IFLA_TUN_VNET_HDR = 5;
    internal const ushort IFLA_TUN_PERSIST = 6;
}
