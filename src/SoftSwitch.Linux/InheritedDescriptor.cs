using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux;

/// <summary>A descriptor that the program which this process executes next finds open, and with it what the kernel ties to it, as a
/// lock.</summary>
public static class InheritedDescriptor
{
    /// <summary>Keeps it open across an execution.</summary>
    /// <returns>What <see cref="Take"/> must be told there.</returns>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static int Leave(SafeFileHandle handle)
    {
        var descriptor = (int)handle.DangerousGetHandle();
        SystemCallException.ThrowIfNegative(Libc.fcntl(descriptor, Fcntl.F_SETFD, 0), "F_SETFD", "a descriptor for the next program");
        return descriptor;
    }

    /// <summary>What was left; closed with the next execution. Null: there is no such descriptor.</summary>
    public static SafeFileHandle? Take(int descriptor) =>
        Libc.fcntl(descriptor, Fcntl.F_SETFD, Fcntl.FD_CLOEXEC) < 0 ? null : new(descriptor, ownsHandle: true);
}
