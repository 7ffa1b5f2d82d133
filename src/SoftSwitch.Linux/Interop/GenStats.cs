using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/gen_stats.h.</summary>
internal static class GenStats
{
    internal const ushort TCA_STATS_QUEUE = 3;

    [StructLayout(LayoutKind.Sequential)]
    internal struct gnet_stats_queue
    {
        public uint qlen;
        public uint backlog;
        public uint drops;
        public uint requeues;
        public uint overlimits;
    }
}
