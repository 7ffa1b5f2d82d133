using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

internal static unsafe partial class Libc
{
    /// <summary>bpf(2), for which libc has no function of its own.</summary>
    /// <returns>A descriptor, or -1 and an errno.</returns>
    internal static int bpf(int cmd, void* attr, uint size)
    {
        // asm/unistd.h: each architecture has its own number.
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 280 : 321;
        return (int)syscall(number, cmd, attr, size);
    }

    /// <summary>pidfd_open(2), since Linux 5.3; the C library has it since recently.</summary>
    internal static int pidfd_open(int pid) => (int)syscall(434, pid, null, 0);

    /// <summary>sched_setattr(2).</summary>
    internal static int sched_setattr(int pid, Sched.sched_attr* attr)
    {
        nint number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 274 : 314;
        return (int)syscall(number, pid, attr, 0);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint cmd, void* attr, nuint size);
}
