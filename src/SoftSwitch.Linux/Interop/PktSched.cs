namespace SoftSwitch.Linux.Interop;

/// <summary>linux/pkt_sched.h.</summary>
internal static class PktSched
{
    internal const uint TC_H_ROOT = 0xFFFFFFFF;
    internal const uint TC_H_CLSACT = 0xFFFFFFF1;
    internal const uint TC_H_MAJ_MASK = 0xFFFF0000;
    internal const uint TC_H_MIN_INGRESS = 0xFFF2;
    internal const uint TC_H_MIN_EGRESS = 0xFFF3;
}
