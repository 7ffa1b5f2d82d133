using System.Globalization;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>
/// How many descriptors this process may have (RLIMIT_NOFILE, getrlimit(2)). The soft limit of 1024 that everybody starts with is there for
/// programs that use select(2); others are meant to raise it to the hard limit, and this does. Programs started from here get the earlier
/// soft limit.
/// </summary>
public static unsafe class OpenFiles
{
    /// <summary>Descriptors beside those that are needed, in what is advised: for the API's connections, ports that are retried, files
    /// that are written.</summary>
    private const int Reserve = 128;

    /// <summary>Descriptors that ports and forwards leave to the rest, when there are not enough for all of them.</summary>
    private const int Left = 32;

    private static long s_limit = long.MaxValue;
    private static long s_expected;
    private static SysProcess.rlimit? s_before;

    /// <summary>The soft limit; without one, the largest number.</summary>
    public static long Limit => Volatile.Read(ref s_limit) is var limit and not long.MaxValue ? limit
        : Read() is { } now ? Number(now.rlim_cur)
        : long.MaxValue;

    /// <summary>The soft limit that this process was started with.</summary>
    public static ulong Before => (s_before ?? Read())?.rlim_cur ?? 0;

    /// <summary>Takes the earlier soft limit from the program that this process executed before, which has raised it already.</summary>
    public static void Adopt(ulong before)
    {
        if (Read() is { } now)
            s_before = new SysProcess.rlimit { rlim_cur = ulong.Min(before, now.rlim_max), rlim_max = now.rlim_max };
    }

    /// <summary>Raises the soft limit as far as the hard one allows.</summary>
    public static void RaiseLimit()
    {
        if (Read() is not { } now)
            return;
        s_before ??= now;
        var raised = new SysProcess.rlimit { rlim_cur = now.rlim_max, rlim_max = now.rlim_max };
        Volatile.Write(ref s_limit, Number(Libc.prlimit(0, SysProcess.RLIMIT_NOFILE, &raised, null) < 0 ? now.rlim_cur : raised.rlim_cur));
    }

    /// <summary>Gives a program that was started from here the limit that it would have had.</summary>
    public static void RestoreLimit(int pid)
    {
        if (s_before is { } before)
            _ = Libc.prlimit(pid, SysProcess.RLIMIT_NOFILE, &before, null);
    }

    /// <summary>What to do about a limit that is reached.</summary>
    /// <param name="needed">Descriptors that are needed in all; 0: not known.</param>
    public static string Cure(long needed = 0)
    {
        var enough = RoundUp(needed > 0 ? needed : s_expected > Limit ? s_expected : 4 * long.Clamp(Limit, 256, 1 << 18));
        return string.Create(CultureInfo.InvariantCulture,
            $"all {Limit} open files that this process may have are in use: raise the hard limit, "
                + $"ulimit -Hn {enough} in the shell that starts it or LimitNOFILE={enough} in its systemd unit");
    }

    /// <summary>Refuses what can't be had, before anything is begun.</summary>
    /// <param name="needed">Descriptors that are needed in all.</param>
    /// <param name="what">What they are for.</param>
    /// <exception cref="SystemCallException">There may not be so many.</exception>
    public static void Require(long needed, string what)
    {
        if (needed <= Limit)
            return;
        var enough = RoundUp(needed);
        throw new SystemCallException("RLIMIT_NOFILE", Errno.EMFILE, what, string.Create(CultureInfo.InvariantCulture,
            $"that takes {needed} open files, and this process may have {Limit}: raise the hard limit, "
                + $"ulimit -Hn {enough} in the shell that starts it or LimitNOFILE={enough} in its systemd unit"));
    }

    /// <summary>So many descriptors will be needed in all: it is what is advised where there are too few.</summary>
    public static void Expect(long needed) => s_expected = needed;

    /// <summary>Refuses what would take the last descriptors, without which nobody could even ask what is wrong.</summary>
    /// <param name="needed">Descriptors that it takes.</param>
    /// <exception cref="SystemCallException">There are too few.</exception>
    public static void RequireRoom(int needed) => RequireRest(needed + Left);

    /// <summary>Refuses what takes the very last descriptors, and more.</summary>
    /// <param name="needed">Descriptors that it takes, for a moment.</param>
    /// <exception cref="SystemCallException">There are too few.</exception>
    public static void RequireRest(int needed)
    {
        if (HasRest(needed))
            return;
        // Somebody may have raised the hard limit meanwhile.
        RaiseLimit();
        if (!HasRest(needed))
            throw new SystemCallException("RLIMIT_NOFILE", Errno.EMFILE, "open files");
    }

    private static bool HasRest(int needed) => Count() + needed <= Limit;

    /// <summary>Descriptors that this process has: their folder says it as its size since Linux 6.2.</summary>
    private static long Count()
    {
        const string folder = "/proc/self/fd";
        try
        {
            return Libc.statx(Fcntl.AT_FDCWD, folder, 0, Fcntl.STATX_BASIC_STATS, out var file) == 0 && file.stx_size > 0
                ? (long)file.stx_size : Directory.EnumerateFileSystemEntries(folder).LongCount();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0; // Without procfs, what is too much is refused by the kernel.
        }
    }

    /// <summary>The next number that is easy to write and leaves some room.</summary>
    private static long RoundUp(long needed)
    {
        var enough = 1024L;
        while (enough < needed + Reserve)
            enough *= 2;
        return enough;
    }

    private static SysProcess.rlimit? Read()
    {
        SysProcess.rlimit limit;
        return Libc.prlimit(0, SysProcess.RLIMIT_NOFILE, null, &limit) < 0 ? null : limit;
    }

    private static long Number(ulong limit) => limit > long.MaxValue ? long.MaxValue : (long)limit;
}
