using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;

namespace SoftSwitch.Linux.Namespaces;

/// <summary>What it means that the kernel makes no user namespace for an ordinary user.</summary>
public static class NamespaceRefusal
{
    /// <summary>The setting that allows user namespaces on the kernels of one distribution, where this is one of them: what it has to be,
    /// or nothing.</summary>
    public static string SwitchFor(string setting, int value) =>
        File.Exists($"/proc/sys/kernel/{setting}") ? $", or as root: sysctl kernel.{setting}={value}" : "";

    /// <summary>Why it was refused, and the cure.</summary>
    public static string Reason(int errno) => errno switch
    {
        Errno.EPERM => $"ordinary users may not make namespaces here (EPERM): {Remedy.Here.Root}"
            + $"{SwitchFor("unprivileged_userns_clone", 1)}; in a container, start that with --privileged",
        Errno.ENOSPC => "no more user or network namespaces are allowed here (ENOSPC): raise "
            + "sysctl user.max_user_namespaces and user.max_net_namespaces",
        Errno.EUSERS => "user namespaces are nested too deep here (EUSERS): start it outside of the other namespaces",
        Errno.ENOSYS or Errno.EINVAL => $"this kernel has no user or network namespaces ({ErrnoName.Of(errno)}): "
            + "it needs CONFIG_USER_NS and CONFIG_NET_NS",
        Errno.EAGAIN => "no more processes are allowed here (EAGAIN): end some, or raise ulimit -u",
        _ => $"new namespaces can't be made here ({ErrnoName.Of(errno)}): {Marshal.GetPInvokeErrorMessage(errno)}",
    };
}
