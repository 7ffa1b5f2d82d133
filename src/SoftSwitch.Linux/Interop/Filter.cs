using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/filter.h and linux/bpf_common.h: classic BPF.</summary>
internal static unsafe class Filter
{
    internal const ushort BPF_LD = 0x00;
    internal const ushort BPF_LDX = 0x01;
    internal const ushort BPF_ALU = 0x04;
    internal const ushort BPF_JMP = 0x05;
    internal const ushort BPF_RET = 0x06;
    internal const ushort BPF_MISC = 0x07;
    internal const ushort BPF_W = 0x00;
    internal const ushort BPF_H = 0x08;
    internal const ushort BPF_B = 0x10;
    internal const ushort BPF_ABS = 0x20;
    internal const ushort BPF_IND = 0x40;
    internal const ushort BPF_MSH = 0xa0;
    internal const ushort BPF_SUB = 0x10;
    internal const ushort BPF_JA = 0x00;
    internal const ushort BPF_JEQ = 0x10;
    internal const ushort BPF_JGT = 0x20;
    internal const ushort BPF_JGE = 0x30;
    internal const ushort BPF_JSET = 0x40;
    internal const ushort BPF_K = 0x00;
    internal const ushort BPF_X = 0x08;
    internal const ushort BPF_TAX = 0x00;
    internal const int BPF_MAXINSNS = 4096;

    internal const int SKF_AD_OFF = -0x1000;
    internal const int SKF_AD_PKTTYPE = 4;
    internal const int SKF_AD_MARK = 20;
    internal const int SKF_AD_VLAN_TAG = 44;

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
