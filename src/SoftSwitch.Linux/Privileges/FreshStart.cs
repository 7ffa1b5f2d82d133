using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Privileges;

/// <summary>
/// Starts this program anew in its own process, with fewer capabilities and less address space (execve(2)).
/// </summary>
/// <remarks>
/// Capabilities are per thread, and the runtime has threads of its own (finalizer, signals, sockets) before a line of ours runs:
/// capabilities that those have can't be taken from them. A program that was executed with less has less in every thread. It is the same
/// process to everybody: its number, its parent, its standard streams, its place in a cgroup, and every descriptor that isn't closed on
/// execution; a variable in the environment tells it that it is the second one, and what the first one left for it. Signals that would end
/// it wait from here until <see cref="Begin"/>, so that a stop in between finds a program that cleans up; a stop that another thread takes
/// shortly before is kept by <see cref="StopSignals"/>. The memory that the runtime and the C library set aside is decided before a line of
/// ours runs, too, and what is written at the build can't know what is allowed here (the collector doesn't start if it asks for more): so
/// it is told in the environment.
/// </remarks>
public static unsafe class FreshStart
{
    private const ulong EndingSignals =
        1ul << (SysProcess.SIGHUP - 1) | 1ul << (SysProcess.SIGINT - 1) | 1ul << (SysProcess.SIGQUIT - 1) | 1ul << (SysProcess.SIGTERM - 1)
        | 1ul << (SysProcess.SIGALRM - 1) | 1ul << (SysProcess.SIGUSR2 - 1);

    private const string HeapVariable = "DOTNET_GCRegionRange";

    /// <summary>The managed heap's part of all address space where that is limited: one of so many.</summary>
    public const int HeapShare = 8;

    /// <summary>Address space of the managed heap.</summary>
    private const ulong HeapRange = 8ul << 30;

    /// <summary>What the first one left in the environment, for the second one alone: programs that it starts don't see it. Null: this is
    /// the first.</summary>
    public static string? TakeLegacy(string variable)
    {
        var legacy = Environment.GetEnvironmentVariable(variable);
        if (legacy is null)
            return null;
        Environment.SetEnvironmentVariable(variable, null);
        _ = Libc.unsetenv(variable);
        return legacy;
    }

    /// <summary>Lets the signals come that have waited since the first program. Call it once their handlers stand.</summary>
    public static void Begin() => Mask(SysProcess.SIG_UNBLOCK);

    /// <summary>Starting anew is worth it: the calling thread has other capabilities than these, or the heap may take as much address space
    /// as it likes.</summary>
    public static bool IsWorthIt(params ReadOnlySpan<Capability> kept) =>
        Capabilities.HasMoreThan(kept) || Environment.GetEnvironmentVariable(HeapVariable) is null;

    /// <summary>Executes this program again with its arguments. Returns only where that is refused; even then the calling thread has given
    /// up all other capabilities.</summary>
    /// <param name="variable">The variable that tells the second one.</param>
    /// <param name="legacy">Its value.</param>
    /// <param name="kept">The capabilities to keep, as far as they are there.</param>
    /// <exception cref="SystemCallException">The kernel refused, and says why.</exception>
    public static void Execute(string variable, string legacy, params ReadOnlySpan<Capability> kept)
    {
        Capabilities.KeepOnlyAcrossExecution(kept);
        // Its path rather than /proc/self/exe: the path names the process in ps.
        var path = Encoding.UTF8.GetBytes(OwnProgram.Path + '\0');
        byte[] words;
        try
        {
            words = File.ReadAllBytes("/proc/self/cmdline");
        }
        catch (IOException)
        {
            throw new SystemCallException("open", Errno.ENOENT, "/proc/self/cmdline", "mount /proc");
        }
        if (Libc.setenv(variable, legacy, 1) < 0)
            SystemCallException.ThrowLast("setenv", variable);
        // The collector sets aside address space for twice the machine's memory, or half of what is allowed: the tables of flows want the
        // most of that.
        _ = Libc.setenv(HeapVariable, ulong.Min(HeapRange, (MemoryLimit.AddressSpace ?? ulong.MaxValue) / HeapShare)
            .ToString("x", CultureInfo.InvariantCulture), 0);
        // So does the C library, 64 MiB for each thread that ever asked it for memory; two of these do.
        if (MemoryLimit.AddressSpace is not null)
            _ = Libc.setenv("MALLOC_ARENA_MAX", "2", 0);
        // From the first table that goes on it would keep the memory of all others as long as one is there: whatever is this large is to
        // be the kernel's again when it goes.
        _ = Libc.setenv("MALLOC_MMAP_THRESHOLD_", "262144", 0);
        Mask(SysProcess.SIG_BLOCK);
        // SAFETY: both arrays stay where they are until the call; the words end with a zero each, and the list with a null.
        fixed (byte* program = path, first = words)
        {
            var list = (byte**)NativeMemory.AllocZeroed((nuint)(words.Length + 1), (nuint)sizeof(byte*));
            var count = 0;
            for (var at = 0; words.AsSpan(at).IndexOf((byte)0) is var length and >= 0; at += length + 1)
                list[count++] = first + at;
            _ = Libc.execv(program, list);
            var errno = Marshal.GetLastPInvokeError();
            NativeMemory.Free(list);
            Mask(SysProcess.SIG_UNBLOCK);
            _ = Libc.unsetenv(variable);
            throw new SystemCallException("execve", errno, OwnProgram.Path);
        }
    }

    private static void Mask(int how)
    {
        var signals = stackalloc ulong[SysProcess.SigsetWords];
        new Span<ulong>(signals, SysProcess.SigsetWords).Clear();
        signals[0] = EndingSignals;
        _ = Libc.pthread_sigmask(how, signals, null);
    }
}
