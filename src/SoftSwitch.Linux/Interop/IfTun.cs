namespace SoftSwitch.Linux.Interop;

/// <summary>linux/if_tun.h. The numbers of the ioctls are those of x86-64 and arm64.</summary>
internal static class IfTun
{
    internal const uint TUNSETIFF = 0x400454ca;
    internal const uint TUNSETPERSIST = 0x400454cb;
    internal const uint TUNSETOWNER = 0x400454cc;
    internal const uint TUNSETGROUP = 0x400454ce;
    internal const uint TUNGETFEATURES = 0x800454cf;
    internal const uint TUNSETOFFLOAD = 0x400454d0;
    internal const uint TUNGETIFF = 0x800454d2;
    internal const uint TUNSETSNDBUF = 0x400454d4;
    internal const uint TUNGETVNETHDRSZ = 0x800454d7;
    internal const uint TUNSETVNETHDRSZ = 0x400454d8;
    internal const uint TUNSETQUEUE = 0x400454d9;
    internal const uint TUNSETCARRIER = 0x400454e2;

    internal const int IFF_TUN = 0x0001;
    internal const int IFF_TAP = 0x0002;
    internal const int IFF_NAPI = 0x0010;
    internal const int IFF_MULTI_QUEUE = 0x0100;
    internal const int IFF_ATTACH_QUEUE = 0x0200;
    internal const int IFF_DETACH_QUEUE = 0x0400;
    internal const int IFF_PERSIST = 0x0800;
    internal const int IFF_NO_PI = 0x1000;
    internal const int IFF_VNET_HDR = 0x4000;
    internal const int IFF_TUN_EXCL = 0x8000;

    internal const uint TUN_F_CSUM = 0x01;
    internal const uint TUN_F_TSO4 = 0x02;
    internal const uint TUN_F_TSO6 = 0x04;
    internal const uint TUN_F_TSO_ECN = 0x08;
    internal const uint TUN_F_UFO = 0x10;
    internal const uint TUN_F_USO4 = 0x20;
    internal const uint TUN_F_USO6 = 0x40;
}
