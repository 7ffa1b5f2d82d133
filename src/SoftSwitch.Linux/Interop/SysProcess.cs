using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>signal.h, sys/wait.h, linux/prctl.h and the system call numbers of asm/unistd.h that have no function in every C library.</summary>
internal static class SysProcess
{
    internal const int SIGHUP = 1;
    internal const int SIGINT = 2;
    internal const int SIGQUIT = 3;
    internal const int SIGKILL = 9;
    internal const int SIGTERM = 15;
    internal const int SIGCHLD = 17;
    internal const int SIG_SETMASK = 2;

    internal const int WNOHANG = 1;

    internal const int PR_SET_PDEATHSIG = 1;
    internal const int PR_CAPBSET_READ = 23;
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const int PR_GET_NO_NEW_PRIVS = 39;
    internal const int PR_CAP_AMBIENT = 47;
    internal const int PR_CAP_AMBIENT_CLEAR_ALL = 4;

    private static bool Arm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static nint SYS_read => Arm64 ? 63 : 0;
    internal static nint SYS_rt_sigprocmask => Arm64 ? 135 : 14;
    internal static nint SYS_getpid => Arm64 ? 172 : 39;
    internal static nint SYS_clone => Arm64 ? 220 : 56;
    internal static nint SYS_execve => Arm64 ? 221 : 59;
    internal static nint SYS_exit_group => Arm64 ? 94 : 231;
    internal static nint SYS_prctl => Arm64 ? 167 : 157;
}
