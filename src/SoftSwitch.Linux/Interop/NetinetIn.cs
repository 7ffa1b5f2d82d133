using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>netinet/in.h. Ports and addresses are in network order.</summary>
internal static unsafe class NetinetIn
{
    internal const int IPPROTO_IP = 0;
    internal const int IPPROTO_RAW = 255;
    internal const int IP_PKTINFO = 8;
    internal const int IP_RECVERR = 11;

    [StructLayout(LayoutKind.Sequential)]
    internal struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public uint sin_addr;
        private fixed byte sin_zero[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct in_pktinfo
    {
        public int ipi_ifindex;
        public uint ipi_spec_dst;
        public uint ipi_addr;
    }
}
