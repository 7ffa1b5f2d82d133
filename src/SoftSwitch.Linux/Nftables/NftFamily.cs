using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Nftables;

/// <summary>What a table is about (linux/netfilter.h).</summary>
public enum NftFamily
{
    /// <summary>The host's IPv4 packets, where its stack takes and sends them.</summary>
    Ipv4 = NfTables.NFPROTO_IPV4,

    /// <summary>The same of IPv6.</summary>
    Ipv6 = NfTables.NFPROTO_IPV6,

    /// <summary>A device's frames.</summary>
    Netdev = NfTables.NFPROTO_NETDEV,
}
