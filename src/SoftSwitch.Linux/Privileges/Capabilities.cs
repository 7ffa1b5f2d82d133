using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using static SoftSwitch.Linux.Interop.LinuxCapability;
using static SoftSwitch.Linux.Interop.SysProcess;

namespace SoftSwitch.Linux.Privileges;

/// <summary>
/// Gives up privilege for good (capabilities(7)), on the calling thread alone: Linux has capabilities per thread. A thread has those of
/// the thread that started it, so each thread that matters calls for itself. No call here can give any.
/// </summary>
public static unsafe class Capabilities
{
    /// <summary>The calling thread may use it now (its effective set).</summary>
    public static bool Has(Capability capability) => (Get().Effective & Bit((int)capability)) != 0;

    /// <summary>
    /// Keeps of what the calling thread has only these. Programs that it starts have no more either, whoever owns the file: nothing is
    /// inheritable or ambient, the bounding set shrinks where CAP_SETPCAP allows that, and PR_SET_NO_NEW_PRIVS is set in any case.
    /// </summary>
    /// <exception cref="SystemCallException">The kernel refused; the thread may still have what it had.</exception>
    public static void KeepOnly(params ReadOnlySpan<Capability> kept)
    {
        ulong wanted = 0;
        foreach (var capability in kept)
            wanted |= Bit((int)capability);
        ShrinkBoundingSet(wanted);
        if (Libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
            SystemCallException.ThrowLast("PR_SET_NO_NEW_PRIVS", "giving up privileges");
        // The kernel takes out of the ambient set what is no longer inheritable.
        Set(Get().Permitted & wanted);
    }

    /// <summary>The calling thread keeps none: for one that only forwards, over descriptors that are open.</summary>
    /// <exception cref="SystemCallException">As for <see cref="KeepOnly"/>.</exception>
    public static void DropAll() => KeepOnly();

    private static void ShrinkBoundingSet(ulong kept)
    {
        // EINVAL ends the numbers that this kernel knows.
        for (var number = 0; number < 64; number++)
        {
            var bounded = Libc.prctl(PR_CAPBSET_READ, (nuint)number, 0, 0, 0);
            if (bounded < 0)
                return;
            if (bounded == 0 || (kept & Bit(number)) != 0)
                continue;
            if (Libc.prctl(PR_CAPBSET_DROP, (nuint)number, 0, 0, 0) < 0)
            {
                if (Marshal.GetLastPInvokeError() == Errno.EPERM)
                    return;
                SystemCallException.ThrowLast("PR_CAPBSET_DROP", "giving up privileges");
            }
        }
    }

    private static (ulong Effective, ulong Permitted) Get()
    {
        // SAFETY: version 3 has two data structs, the low and the high 32 bits.
        var header = new __user_cap_header_struct { version = _LINUX_CAPABILITY_VERSION_3 };
        var data = stackalloc __user_cap_data_struct[_LINUX_CAPABILITY_U32S_3];
        if (Libc.capget(&header, data) < 0)
            SystemCallException.ThrowLast("capget", "capabilities of this thread");
        return (Join(data[0].effective, data[1].effective), Join(data[0].permitted, data[1].permitted));
    }

    private static void Set(ulong kept)
    {
        // SAFETY: as above.
        var header = new __user_cap_header_struct { version = _LINUX_CAPABILITY_VERSION_3 };
        var data = stackalloc __user_cap_data_struct[_LINUX_CAPABILITY_U32S_3];
        (data[0], data[1]) = (default, default);
        data[0].effective = data[0].permitted = (uint)kept;
        data[1].effective = data[1].permitted = (uint)(kept >> 32);
        if (Libc.capset(&header, data) < 0)
            SystemCallException.ThrowLast("capset", "capabilities of this thread");
    }

    private static ulong Bit(int number) => 1ul << number;

    private static ulong Join(uint low, uint high) => ((ulong)high << 32) | low;
}
