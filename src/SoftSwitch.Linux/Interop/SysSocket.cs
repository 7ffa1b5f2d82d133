using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>sys/socket.h and linux/limits.h, as far as they are used. The values are those of x86-64 and arm64.</summary>
internal static class SysSocket
{
    internal const int AF_UNSPEC = 0;
    internal const int AF_UNIX = 1;
    internal const int AF_INET = 2;
    internal const int AF_INET6 = 10;
    internal const int AF_NETLINK = 16;
    internal const int AF_PACKET = 17;

    internal const int SOCK_STREAM = 1;
    internal const int SOCK_DGRAM = 2;
    internal const int SOCK_RAW = 3;
    internal const int SOCK_SEQPACKET = 5;
    internal const int SOCK_NONBLOCK = 0x800;
    internal const int SOCK_CLOEXEC = 0x80000;

    internal const int SOL_SOCKET = 1;
    internal const int SO_REUSEADDR = 2;
    internal const int SO_SNDBUF = 7;
    internal const int SO_RCVBUF = 8;
    internal const int SO_PEERCRED = 17;
    internal const int SO_BINDTODEVICE = 25;
    internal const int SO_ATTACH_FILTER = 26;
    internal const int SO_SNDBUFFORCE = 32;
    internal const int SO_RCVBUFFORCE = 33;
    internal const int SO_MARK = 36;
    internal const int SO_DOMAIN = 39;
    internal const int SO_PEERGROUPS = 59;

    /// <summary>SCM_TXTIME has the same number.</summary>
    internal const int SO_TXTIME = 61;
    internal const int CLOCK_MONOTONIC = 1;

    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_DONTWAIT = 0x40;
    internal const int MSG_ERRQUEUE = 0x2000;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;
    internal const int SCM_RIGHTS = 1;

    internal const int NGROUPS_MAX = 65536;

    [StructLayout(LayoutKind.Sequential)]
    internal struct ucred
    {
        public int pid;
        public uint uid;
        public uint gid;
    }

    /// <summary>linux/net_tstamp.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct sock_txtime
    {
        public int clockid;
        public uint flags;
    }
}
