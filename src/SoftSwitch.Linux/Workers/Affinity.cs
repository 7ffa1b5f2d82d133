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
        Allow(mask, $"cpu {cpu}");
    }

    /// <summary>The processors that the calling thread may run on, a bit each.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static unsafe ulong[] Allowed()
    {
        var mask = new ulong[MaximumCpus / 64];
        fixed (ulong* bits = mask)
        {
            SystemCallException.ThrowIfNegative(
                Libc.sched_getaffinity(0, MaximumCpus / 8, bits), "sched_getaffinity", "the processors of a thread");
        }
        return mask;
    }

    /// <summary>Lets the calling thread run on some processors.</summary>
    /// <param name="mask">A bit each.</param>
    /// <exception cref="SystemCallException">This process may use none of them.</exception>
    public static void Allow(ulong[] mask) => Allow(mask, "any cpu");

    private static unsafe void Allow(ReadOnlySpan<ulong> mask, string what)
    {
        fixed (ulong* bits = mask)
        {
            if (Libc.sched_setaffinity(0, MaximumCpus / 8, bits) < 0)
                SystemCallException.ThrowLast("sched_setaffinity", what, _ => "see which there are: nproc; lscpu -p=cpu");
        }
    }
}
