using System.Globalization;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>How much memory this process may have, and from whom: what to say when there is no more.</summary>
public static unsafe class MemoryLimit
{
    private const string OfGroup = "/sys/fs/cgroup/memory.max";

    /// <summary>Bytes of address space that are allowed (RLIMIT_AS); null: there is no limit.</summary>
    internal static ulong? AddressSpace
    {
        get
        {
            SysProcess.rlimit limit;
            return Libc.prlimit(0, SysProcess.RLIMIT_AS, null, &limit) == 0 && limit.rlim_cur != SysProcess.RLIM_INFINITY
                ? limit.rlim_cur
                : null;
        }
    }

    /// <summary>What to say where the address space is limited to less than is needed; null: it isn't.</summary>
    /// <param name="needed">Bytes.</param>
    /// <param name="what">Who needs them.</param>
    public static string? Obstacle(long needed, string what) => AddressSpace is { } limit && limit < (ulong)needed
        ? string.Create(CultureInfo.InvariantCulture,
            $"the address space is limited to {limit / 1024} KiB, and {what} takes {needed / 1024}: raise that "
                + $"(ulimit -v {needed / 1024}, or LimitAS= in the systemd unit); to bound memory there is MemoryMax=, "
                + $"for most of the address space is never touched")
        : null;

    /// <summary>One line: what the process has, which limit it met, and what to do.</summary>
    public static string Describe()
    {
        var used = FromStatus("VmSize");
        if (AddressSpace is { } limit)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"out of memory: {used} KiB of address space are in use and {limit / 1024} may be: "
                    + $"raise that (ulimit -v {limit / 1024 * 2}, or LimitAS= in the systemd unit), or write smaller flows: "
                    + $"for the networks");
        }
        var ofGroup = Read(OfGroup) is { } text && text != "max"
            ? $", and the control group may have {text} bytes (memory.max, MemoryMax= in the systemd unit)"
            : "";
        return $"out of memory: {FromStatus("VmRSS")} KiB are in use{ofGroup}: give it more, or write smaller flows: for the networks";
    }

    private static string FromStatus(string key) =>
        Read("/proc/self/status")?.Split('\n')
            .FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[(key.Length + 1)..].Replace("kB", "").Trim() ?? "?";

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
