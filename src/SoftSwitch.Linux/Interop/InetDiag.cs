using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/sock_diag.h and linux/inet_diag.h. Ports and addresses are in network order.</summary>
internal static unsafe class InetDiag
{
    internal const ushort SOCK_DIAG_BY_FAMILY = 20;

    internal const ushort INET_DIAG_REQ_BYTECODE = 1;
    internal const ushort INET_DIAG_SKV6ONLY = 11;

    internal const byte INET_DIAG_BC_S_GE = 2;
    internal const byte INET_DIAG_BC_S_LE = 3;

    [StructLayout(LayoutKind.Sequential)]
    internal struct inet_diag_sockid
    {
        public ushort idiag_sport;
        public ushort idiag_dport;
        public fixed byte idiag_src[16];
        public fixed byte idiag_dst[16];
        public uint idiag_if;
        public fixed uint idiag_cookie[2];
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct inet_diag_req_v2
    {
        public byte sdiag_family;
        public byte sdiag_protocol;
        public byte idiag_ext;
        public byte pad;
        public uint idiag_states;
        public inet_diag_sockid id;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct inet_diag_bc_op
    {
        public byte code;
        public byte yes;
        public ushort no;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct inet_diag_msg
    {
        public byte idiag_family;
        public byte idiag_state;
        public byte idiag_timer;
        public byte idiag_retrans;
        public inet_diag_sockid id;
        public uint idiag_expires;
        public uint idiag_rqueue;
        public uint idiag_wqueue;
        public uint idiag_uid;
        public uint idiag_inode;
    }
}
