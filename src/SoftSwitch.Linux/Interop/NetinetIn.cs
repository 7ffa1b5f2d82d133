using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>netinet/in.h. Ports and addresses are in network order.</summary>
internal static unsafe class NetinetIn
{
    internal const int IPPROTO_IP = 0;
    internal const int IP_FREEBIND = 15;

    [StructLayout(LayoutKind.Sequential)]
    internal struct sockaddr_in
    {
        public ushort sin_family;
        public ushort sin_port;
        public uint sin_addr;
        private fixed byte sin_zero[8];
    }
}
