using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Workers;

/// <summary>Which processor a thread runs on (sched_setaffinity(2)).</summary>
public static class Affinity
{
    private const int MaximumCpus = 1024;

    /// <summary>Keeps the calling thread on one processor.</summary>
    /// <exception cref="SystemCallException">There is no such processor, or this process may not use it.</exception>
    public static unsafe void Pin(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)MaximumCpus);
        Span<ulong> mask = stackalloc ulong[MaximumCpus / 64];
        mask.Clear();
        mask[cpu / 64] = 1UL << (cpu % 64);
        fixed (ulong* bits = mask)
        {
            if (Libc.sched_setaffinity(0, MaximumCpus / 8, bits) < 0)
                SystemCallException.ThrowLast("sched_setaffinity", $"cpu {cpu}", _ => "see which there are: nproc; lscpu -p=cpu");
        }
    }
}
