using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/filter.h and linux/bpf_common.h: classic BPF.</summary>
internal static unsafe class Filter
{
    internal const ushort BPF_LD = 0x00;
    internal const ushort BPF_JMP = 0x05;
    internal const ushort BPF_RET = 0x06;
    internal const ushort BPF_W = 0x00;
    internal const ushort BPF_ABS = 0x20;
    internal const ushort BPF_JEQ = 0x10;
    internal const ushort BPF_K = 0x00;

    internal const int SKF_AD_OFF = -0x1000;
    internal const int SKF_AD_MARK = 20;

    [StructLayout(LayoutKind.Sequential)]
    internal struct sock_filter(ushort code, byte jt, byte jf, uint k)
    {
        public ushort code = code;
        public byte jt = jt;
        public byte jf = jf;
        public uint k = k;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct sock_fprog
    {
        public ushort len;
        public sock_filter* filter;
    }
}
