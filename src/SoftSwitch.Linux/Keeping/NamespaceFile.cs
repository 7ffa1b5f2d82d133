using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Keeping;

/// <summary>
/// The file of a network namespace (namespaces(7)). Anybody who may change the switch says its path, and the switch may open what he may
/// not: a watchdog that runs out once it was opened, a tape that winds back, a pipe whose writer waits for a reader. So it is looked at
/// without being opened (open(2), O_PATH), and nothing but a network namespace is.
/// </summary>
internal static unsafe class NamespaceFile
{
    /// <param name="path">From the root, or below the folder of the process.</param>
    /// <returns>A descriptor, or a negative errno; -EINVAL: it is something else.</returns>
    public static int Open(string path)
    {
        var looked = Libc.open(path, Fcntl.O_PATH | Fcntl.O_CLOEXEC);
        if (looked < 0)
            return -Marshal.GetLastPInvokeError();
        using var handle = new SafeFileHandle(looked, ownsHandle: true);
        var same = $"/proc/self/fd/{looked}";
        // SAFETY: struct statfs has 120 bytes on x86-64 and arm64, its type first.
        var status = stackalloc long[32];
        if (Libc.statfs(same, status) < 0 || status[0] != Fcntl.NSFS_MAGIC)
            return -Errno.EINVAL;
        var opened = Libc.open(same, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC | Fcntl.O_NONBLOCK | Fcntl.O_NOCTTY);
        if (opened < 0)
            return -Marshal.GetLastPInvokeError();
        if (Libc.ioctl(opened, Sched.NS_GET_NSTYPE, 0) == Sched.CLONE_NEWNET)
            return opened;
        _ = Libc.close(opened);
        return -Errno.EINVAL;
    }
}
