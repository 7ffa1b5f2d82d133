using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

internal static unsafe partial class Libc
{
    [LibraryImport("libc", SetLastError = true)]
    internal static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setns(int fd, int nstype);
}
