using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/sched.h, the flags of clone(2), unshare(2) and setns(2), and linux/nsfs.h.</summary>
internal static class Sched
{
    internal const int CLONE_NEWUSER = 0x10000000;
    internal const int CLONE_NEWNET = 0x40000000;

    internal const uint NS_GET_NSTYPE = 0xb703;

    /// <summary>linux/sched/types.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct sched_attr
    {
        public uint size;
        public uint sched_policy;
        public ulong sched_flags;
        public int sched_nice;
        public uint sched_priority;
        public ulong sched_runtime;
        public ulong sched_deadline;
        public ulong sched_period;
        public uint sched_util_min;
        public uint sched_util_max;
    }
}
