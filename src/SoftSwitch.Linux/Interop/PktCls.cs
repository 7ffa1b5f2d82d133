namespace SoftSwitch.Linux.Interop;

/// <summary>linux/pkt_cls.h.</summary>
internal static class PktCls
{
    internal const int TC_ACT_UNSPEC = -1;
    internal const int TC_ACT_SHOT = 2;
    internal const int TC_ACT_STOLEN = 4;

    internal const ushort TCA_ACT_KIND = 1;
    internal const ushort TCA_ACT_OPTIONS = 2;
    internal const ushort TCA_BPF_ACT = 1;
    internal const ushort TCA_BPF_OPS_LEN = 4;
    internal const ushort TCA_BPF_OPS = 5;
    internal const ushort TCA_BPF_FLAGS = 8;
    internal const uint TCA_BPF_FLAG_ACT_DIRECT = 1;
}
