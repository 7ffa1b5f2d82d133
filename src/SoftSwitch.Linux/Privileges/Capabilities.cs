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
    /// Keeps only these of the calling thread's capabilities. Programs that it starts have no more either, even a setuid one: nothing is
    /// inheritable or ambient, the bounding set shrinks where CAP_SETPCAP allows that, and PR_SET_NO_NEW_PRIVS is set in any case.
    /// </summary>
    /// <exception cref="SystemCallException">The kernel refused; the thread may still have what it had.</exception>
    public static void KeepOnly(params ReadOnlySpan<Capability> kept)
    {
        var wanted = Set(kept);
        ShrinkBoundingSet(wanted);
        if (Libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
            SystemCallException.ThrowLast("PR_SET_NO_NEW_PRIVS", "giving up privileges");
        // The kernel takes out of the ambient set what is no longer inheritable.
        Apply(Get().Permitted & wanted, inheritable: 0);
    }

    /// <summary>The calling thread has other capabilities than these, in a set from which a program that it starts could get
    /// them.</summary>
    public static bool HasMoreThan(params ReadOnlySpan<Capability> kept)
    {
        var (effective, permitted, inheritable) = Get();
        return ((effective | permitted | inheritable) & ~Set(kept)) != 0;
    }

    /// <summary>
    /// As <see cref="KeepOnly"/>, and the program that the calling thread executes next has the same. Root's program has them because of
    /// its user, or by file capabilities, less what PR_SET_NO_NEW_PRIVS keeps back. Another user, who was given some by a service manager,
    /// passes them on only in the ambient set.
    /// </summary>
    /// <exception cref="SystemCallException">As for <see cref="KeepOnly"/>.</exception>
    internal static void KeepOnlyAcrossExecution(params ReadOnlySpan<Capability> kept)
    {
        KeepOnly(kept);
        if (Libc.geteuid() == 0 && (Libc.prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) & SECBIT_NOROOT) == 0)
            return;
        var permitted = Get().Permitted;
        Apply(permitted, inheritable: permitted);
        foreach (var capability in kept)
        {
            if ((permitted & Bit((int)capability)) != 0)
                _ = Libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (nuint)(int)capability, 0, 0);
        }
    }

    /// <summary>What a look finds without any capability, on a thread of its own; the calling thread keeps its own.</summary>
    /// <exception cref="SystemCallException">As for <see cref="KeepOnly"/>.</exception>
    public static T FoundWithout<T>(Func<T> look)
    {
        var found = new TaskCompletionSource<T>();
        var thread = new Thread(() =>
        {
            try
            {
                DropAll();
                found.SetResult(look());
            }
            catch (SystemCallException e)
            {
                found.SetException(e);
            }
        });
        thread.Start();
        thread.Join();
        return found.Task.GetAwaiter().GetResult();
    }

    /// <summary>The calling thread gives up all: for a thread that only forwards, over descriptors that are open.</summary>
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

    private static (ulong Effective, ulong Permitted, ulong Inheritable) Get()
    {
        // SAFETY: version 3 has two data structs, the low and the high 32 bits.
        var header = new __user_cap_header_struct { version = _LINUX_CAPABILITY_VERSION_3 };
        var data = stackalloc __user_cap_data_struct[_LINUX_CAPABILITY_U32S_3];
        if (Libc.capget(&header, data) < 0)
            SystemCallException.ThrowLast("capget", "capabilities of this thread");
        return (Join(data[0].effective, data[1].effective), Join(data[0].permitted, data[1].permitted),
            Join(data[0].inheritable, data[1].inheritable));
    }

    private static void Apply(ulong kept, ulong inheritable)
    {
        // SAFETY: as above.
        var header = new __user_cap_header_struct { version = _LINUX_CAPABILITY_VERSION_3 };
        var data = stackalloc __user_cap_data_struct[_LINUX_CAPABILITY_U32S_3];
        data[0] = new() { effective = (uint)kept, permitted = (uint)kept, inheritable = (uint)inheritable };
        data[1] = new() { effective = (uint)(kept >> 32), permitted = (uint)(kept >> 32), inheritable = (uint)(inheritable >> 32) };
        if (Libc.capset(&header, data) < 0)
            SystemCallException.ThrowLast("capset", "capabilities of this thread");
    }

    private static ulong Set(ReadOnlySpan<Capability> capabilities)
    {
        ulong bits = 0;
        foreach (var capability in capabilities)
            bits |= Bit((int)capability);
        return bits;
    }

    private static ulong Bit(int number) => 1ul << number;

    private static ulong Join(uint low, uint high) => ((ulong)high << 32) | low;
}
