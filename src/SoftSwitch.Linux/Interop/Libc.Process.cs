using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

internal static unsafe partial class Libc
{
    [LibraryImport("libc")]
    internal static partial uint geteuid();

    [LibraryImport("libc")]
    internal static partial uint getegid();

    /// <summary>What the kernel has told the program as it was executed; 0: nothing. AT_EXECFN is the address of a text.</summary>
    [LibraryImport("libc")]
    internal static partial nuint getauxval(nuint type);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitid(int idtype, uint id, void* infop, int options);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int kill(int pid, int sig);

    /// <summary>The nice value of a process (which: PRIO_PROCESS, 0; who: 0 is the caller).</summary>
    [LibraryImport("libc")]
    internal static partial int getpriority(int which, uint who);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sigaction(int signum, void* act, void* oldact);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint signal(int signum, nint handler);

    /// <summary>Returns the seconds that an earlier timer had left, rounded up; 0: there was none.</summary>
    [LibraryImport("libc")]
    internal static partial uint alarm(uint seconds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int sigpending(ulong* set);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int waitpid(int pid, int* wstatus, int options);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int capget(LinuxCapability.__user_cap_header_struct* header, LinuxCapability.__user_cap_data_struct* data);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int capset(LinuxCapability.__user_cap_header_struct* header, LinuxCapability.__user_cap_data_struct* data);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int execv(byte* path, byte** argv);

    /// <summary>Returns an errno, as the others of its family. The actions and attributes are opaque, of less than 512 bytes.</summary>
    [LibraryImport("libc")]
    internal static partial int posix_spawn(int* pid, byte* path, void* file_actions, void* attrp, byte** argv, byte** envp);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_init(void* file_actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_destroy(void* file_actions);

    [LibraryImport("libc")]
    internal static partial int posix_spawn_file_actions_adddup2(void* file_actions, int fildes, int newfildes);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int posix_spawn_file_actions_addopen(void* file_actions, int fildes, string path, int oflag, uint mode);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_init(void* attr);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_destroy(void* attr);

    [LibraryImport("libc")]
    internal static partial int posix_spawnattr_setflags(void* attr, short flags);

    /// <summary>Of the C library's own environment, which <see cref="execv"/> passes on; .NET's is a copy.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unsetenv(string name);

    /// <summary>Returns an errno. A set is 128 bytes.</summary>
    [LibraryImport("libc")]
    internal static partial int pthread_sigmask(int how, ulong* set, ulong* oldset);

    /// <summary>Pid 0: this process.</summary>
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int prlimit(int pid, int resource, SysProcess.rlimit* new_limit, SysProcess.rlimit* old_limit);
}
