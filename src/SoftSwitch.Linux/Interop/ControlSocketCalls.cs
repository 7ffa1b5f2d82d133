using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SoftSwitch.Linux.Interop;

/// <summary>What the control socket needs beyond System.Net.Sockets: unistd.h, fcntl.h, sys/file.h, sys/stat.h (glibc 2.28 or later).</summary>
internal static partial class ControlSocketCalls
{
    public const int O_RDONLY = 0;
    public const int O_CLOEXEC = 0x80000;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;
    public const int AT_FDCWD = -100;
    public const int AT_SYMLINK_NOFOLLOW = 0x100;
    public const uint STATX_BASIC_STATS = 0x7ff;
    public const int S_IFMT = 0xF000;
    public const int S_IFSOCK = 0xC000;
    public const int EINTR = 4;
    public const int EAGAIN = 11;

    /// <summary>One of the few numbers that arm64 has of its own; x86-64's is O_DIRECT there.</summary>
    public static int O_DIRECTORY => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    [LibraryImport("libc")]
    public static partial uint geteuid();

    /// <summary>A <paramref name="owner"/> or <paramref name="group"/> of uint.MaxValue stays as it is.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int chown(string pathname, uint owner, uint group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial SafeFileHandle open(string pathname, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeFileHandle fd, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int rename(string oldpath, string newpath);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int statx(int dirfd, string pathname, int flags, uint mask, out statx_t statxbuf);
}
