using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Control;

/// <summary>
/// An advisory lock on a directory (flock(2)): of two programs that start at once, only one finds a dead socket and replaces it. Nothing
/// is written; the kernel lets go when the process ends. A stranger who holds it costs us two seconds and a clear error, never a hang.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const int Attempts = 40;
    private const int MillisecondsBetween = 50;
    private readonly SafeFileHandle _directory;

    private DirectoryLock(SafeFileHandle directory) => _directory = directory;

    public static DirectoryLock Take(SafeFileHandle folder, string directory)
    {
        var fd = Libc.openat((int)folder.DangerousGetHandle(), ".", Fcntl.O_RDONLY | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (fd < 0)
            throw new ControlSocketException(
                $"cannot open {directory}: {Marshal.GetLastPInvokeErrorMessage()}; choose another place with --socket PATH");
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (Libc.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB) == 0)
                return new(handle);
            if (Marshal.GetLastPInvokeError() is not (Errno.EAGAIN or Errno.EINTR))
                break;
            Thread.Sleep(MillisecondsBetween);
        }
        handle.Dispose();
        throw new ControlSocketException(
            $"another program holds a lock on {directory}; end it, or choose another place with --socket PATH");
    }

    public void Dispose() => _directory.Dispose();
}
