using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/if.h, linux/if_ether.h, linux/if_arp.h and linux/sockios.h, as far as they are used.</summary>
internal static unsafe class If
{
    internal const int IFNAMSIZ = 16;

    internal const uint IFF_UP = 0x1;
    internal const uint IFF_LOOPBACK = 0x8;
    internal const uint IFF_LOWER_UP = 0x10000;

    internal const ushort ETH_P_ALL = 0x0003;
    internal const ushort ETH_P_IP = 0x0800;
    internal const ushort ETH_P_ARP = 0x0806;
    internal const ushort ETH_P_IPV6 = 0x86DD;

    internal const ushort ARPHRD_ETHER = 1;
    internal const ushort ARPHRD_PPP = 512;
    internal const ushort ARPHRD_RAWIP = 519;
    internal const ushort ARPHRD_TUNNEL = 768;
    internal const ushort ARPHRD_NONE = 0xFFFE;

    [StructLayout(LayoutKind.Explicit, Size = 40)]
    internal struct ifreq
    {
        [FieldOffset(0)] public fixed byte ifr_name[IFNAMSIZ];
        [FieldOffset(16)] public short ifr_flags;
        [FieldOffset(16)] public int ifr_ifindex;
        [FieldOffset(16)] public int ifr_mtu;
        [FieldOffset(16)] public void* ifr_data;
    }
}
