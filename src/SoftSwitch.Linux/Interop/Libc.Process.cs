using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

internal static unsafe partial class Libc
{
    [LibraryImport("libc")]
    internal static partial uint geteuid();

    [LibraryImport("libc")]
    internal static partial uint getegid();

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitid(int idtype, uint id, void* infop, int options);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int sig);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint signal(int signum, nint handler);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, int* wstatus, int options);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int capget(LinuxCapability.__user_cap_header_struct* header, LinuxCapability.__user_cap_data_struct* data);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int capset(LinuxCapability.__user_cap_header_struct* header, LinuxCapability.__user_cap_data_struct* data);
}
