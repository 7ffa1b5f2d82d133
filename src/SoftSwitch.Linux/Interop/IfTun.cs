namespace SoftSwitch.Linux.Interop;

/// <summary>linux/if_tun.h. The numbers of the ioctls are those of x86-64 and arm64.</summary>
internal static class IfTun
{
    internal const uint TUNSETIFF = 0x400454ca;
    internal const uint TUNGETIFF = 0x800454d2;
    internal const uint TUNSETPERSIST = 0x400454cb;
    internal const uint TUNSETOWNER = 0x400454cc;
    internal const uint TUNSETOFFLOAD = 0x400454d0;
    internal const uint TUNSETVNETHDRSZ = 0x400454d8;

    internal const int IFF_TAP = 0x0002;
    internal const int IFF_NO_PI = 0x1000;
    internal const int IFF_VNET_HDR = 0x4000;
    internal const int IFF_TUN_EXCL = 0x8000;

    internal const uint TUN_F_CSUM = 0x01;
    internal const uint TUN_F_TSO4 = 0x02;
    internal const uint TUN_F_TSO6 = 0x04;
    internal const uint TUN_F_TSO_ECN = 0x08;
    internal const uint TUN_F_USO4 = 0x20;
    internal const uint TUN_F_USO6 = 0x40;
    internal const uint TUN_F_UDP_TUNNEL_GSO = 0x80;
    internal const uint TUN_F_UDP_TUNNEL_GSO_CSUM = 0x100;
}
