using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/tc_act/tc_mirred.h.</summary>
internal static class TcMirred
{
    internal const int TCA_INGRESS_REDIR = 3;
    internal const ushort TCA_MIRRED_PARMS = 2;

    [StructLayout(LayoutKind.Sequential)]
    internal struct tc_mirred
    {
        public uint index;
        public uint capab;
        public int action;
        public int refcnt;
        public int bindcnt;
        public int eaction;
        public uint ifindex;
    }
}
