using System.Globalization;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.SystemTests.Linux;

/// <summary>As long as it lives, this process gets no more memory than it has and a little: for tests that are alone.</summary>
internal sealed unsafe class AddressSpace : IDisposable
{
    private readonly SysProcess.rlimit _before;

    /// <param name="room">Bytes beside those that are in use.</param>
    internal AddressSpace(long room)
    {
        SysProcess.rlimit before;
        Assert.Equal(0, Libc.prlimit(0, SysProcess.RLIMIT_AS, null, &before));
        _before = before;
        // Tables of earlier tests that the collector frees later would be room that nobody counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Set(before with { rlim_cur = (ulong)(InUse() + room) });
    }

    public void Dispose() => Set(_before);

    private static long InUse() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    private static void Set(SysProcess.rlimit limit) => Assert.Equal(0, Libc.prlimit(0, SysProcess.RLIMIT_AS, &limit, null));
}
