using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>signal.h, spawn.h, sys/wait.h, sys/resource.h, sys/auxv.h and linux/prctl.h.</summary>
internal static class SysProcess
{
    internal const int SIGHUP = 1;
    internal const int SIGINT = 2;
    internal const int SIGQUIT = 3;
    internal const int SIGKILL = 9;
    internal const int SIGPIPE = 13;
    internal const int SIGUSR2 = 12;
    internal const int SIGALRM = 14;
    internal const int SIGTERM = 15;
    internal const int SIGCHLD = 17;
    internal const int SIGTTOU = 22;
    internal const int SIGXFSZ = 25;
    internal const int SIG_BLOCK = 0;
    internal const int SIG_UNBLOCK = 1;
    internal const int SIG_SETMASK = 2;
    internal const nint SIG_DFL = 0;
    internal const nint SIG_IGN = 1;

    /// <summary>64-bit words of a sigset_t; a signal's bit is its number less one.</summary>
    internal const int SigsetWords = 16;

    internal const int POSIX_SPAWN_SETSID = 0x80;

    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal const int WNOWAIT = 0x01000000;
    internal const int P_PID = 1;

    internal const int PR_SET_PDEATHSIG = 1;
    internal const int PR_SET_DUMPABLE = 4;
    internal const int PR_SET_NAME = 15;
    internal const int PR_CAPBSET_READ = 23;
    internal const int PR_CAPBSET_DROP = 24;
    internal const int PR_GET_SECUREBITS = 27;
    internal const int SECBIT_NOROOT = 1;
    internal const int PR_SET_NO_NEW_PRIVS = 38;
    internal const int PR_CAP_AMBIENT = 47;
    internal const int PR_CAP_AMBIENT_RAISE = 2;

    internal const uint AT_UID = 11;
    internal const uint AT_SECURE = 23;
    internal const uint AT_EXECFN = 31;

    internal const int RLIMIT_NOFILE = 7;
    internal const int RLIMIT_AS = 9;
    internal const ulong RLIM_INFINITY = ulong.MaxValue;

    /// <summary>Of prlimit(2), on every 64-bit architecture.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct rlimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }
}
