using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>A descriptor that stays open for the program that this process executes next, with what the kernel ties to it, such as a
/// lock.</summary>
public static class InheritedDescriptor
{
    private static readonly ConcurrentBag<int> s_left = [];

    /// <summary>Keeps it open across an execution.</summary>
    /// <returns>What <see cref="Take"/> must be told there.</returns>
    /// <exception cref="SystemCallException">The kernel refused, or it is closed: somebody else's may have its number by now.</exception>
    public static int Leave(SafeHandle handle)
    {
        if (handle.IsClosed || handle.IsInvalid)
            throw new SystemCallException("F_SETFD", Errno.EBADF, "a descriptor for the next program");
        var descriptor = (int)handle.DangerousGetHandle();
        SystemCallException.ThrowIfNegative(Libc.fcntl(descriptor, Fcntl.F_SETFD, 0), "F_SETFD", "a descriptor for the next program");
        s_left.Add(descriptor);
        return descriptor;
    }

    /// <summary>Takes what was left; the next execution closes it. Null: there is no such descriptor.</summary>
    public static SafeFileHandle? Take(int descriptor) =>
        Claim(descriptor) ? new(descriptor, ownsHandle: true) : null;

    /// <summary>The next execution closes what was left, and programs that are started don't have it.</summary>
    /// <returns>False: there is no such descriptor.</returns>
    internal static bool Claim(int descriptor) => CloseOnExecution(descriptor);

    /// <summary>It is open, and stays so across an execution.</summary>
    internal static bool IsLeft(int descriptor) => Libc.fcntl(descriptor, Fcntl.F_GETFD, 0) == 0;

    /// <summary>The next program didn't come: what was left for it stays ours, and programs that we start must not hold it open.</summary>
    public static void KeepAll()
    {
        while (s_left.TryTake(out var descriptor))
            CloseOnExecution(descriptor);
    }

    private static bool CloseOnExecution(int descriptor) => Libc.fcntl(descriptor, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC) >= 0;
}
