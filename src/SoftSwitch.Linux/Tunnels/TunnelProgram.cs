using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Namespaces;
using static SoftSwitch.Linux.Interop.Bpf;

namespace SoftSwitch.Linux.Tunnels;

/// <summary>
/// Lets the kernel cut what is in a tunnel. A packet socket's offload header can't say that a super-frame is in one: the kernel takes such
/// a frame for a super-frame of the outer packet, and can't cut it. This eBPF program stands where frames leave the interface (tcx, since
/// Linux 6.6). For a frame with a <see cref="TunnelNote"/> it takes the tunnel's headers off and puts them on again by the call that
/// tunnels are made with (bpf_skb_adjust_room). Then the frame is what a tunnel of the kernel's own would have sent: the interface, or the
/// kernel for it, cuts it right.
/// <para>
/// The program is loaded once, while the process has every right; whoever makes a port attaches it (<see cref="Attach"/>). It is gone when
/// the port's descriptor is closed, however the process ends. Without it (an older kernel, no CAP_BPF, a user namespace) everything works,
/// and what is in tunnels is cut in software.
/// </para>
/// </summary>
public static unsafe class TunnelProgram
{
    private static SafeFileHandle? s_loaded;

    /// <summary>
    /// What notes begin with, drawn at each start: a send time takes no right, and another program of the machine must not be able to write
    /// a note. As nanoseconds it is a century and more away.
    /// </summary>
    internal static uint Tag { get; private set; }

    /// <summary>Loads it, where the kernel lets us.</summary>
    /// <returns>Why not, where that is strange: without the right, or before Linux 6.6, it isn't.</returns>
    public static string? Load()
    {
        Tag = (uint)RandomNumberGenerator.GetInt32(1 << 30, int.MaxValue);
        var instructions = TunnelInstructions.Write(Tag);
        fixed (bpf_insn* first = instructions)
        fixed (byte* license = "MIT\0"u8)
        {
            var load = new bpf_attr_load
            {
                prog_type = BPF_PROG_TYPE_SCHED_CLS,
                insn_cnt = (uint)instructions.Length,
                insns = (ulong)first,
                license = (ulong)license,
                expected_attach_type = BPF_TCX_EGRESS,
            };
            "tunnels"u8.CopyTo(new(load.prog_name, BPF_OBJ_NAME_LEN));
            if (Libc.bpf(BPF_PROG_LOAD, &load, (uint)sizeof(bpf_attr_load)) is var descriptor and >= 0)
            {
                s_loaded = new(descriptor, ownsHandle: true);
                return null;
            }
        }
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.EPERM || Environment.OSVersion.Version < new Version(6, 6) ? null
            : $"what is in tunnels is cut by the switch itself: BPF_PROG_LOAD: {ErrnoName.Of(errno)}";
    }

    /// <summary>Keeps it for the program that this process executes next.</summary>
    /// <returns>What <see cref="Adopt"/> must be told there.</returns>
    public static string Leave() =>
        s_loaded is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{InheritedDescriptor.Leave(s_loaded)}:{Tag}");

    /// <summary>Takes over what <see cref="Leave"/> left.</summary>
    public static void Adopt(string left)
    {
        if (left.Split(':') is not [var descriptor, var tag]
            || !int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !uint.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out var drawn))
            return;
        Tag = drawn;
        s_loaded = InheritedDescriptor.Take(number);
    }

    /// <summary>Puts it at an interface, before all other programs: they see the frame as it will be.</summary>
    /// <param name="interfaceIndex">The interface.</param>
    /// <param name="inside">Its namespace; null: the calling thread's.</param>
    /// <returns>As long as this is open, the program is there; null: it can't be had.</returns>
    internal static SafeFileHandle? Attach(int interfaceIndex, NetworkNamespace? inside = null)
    {
        if (s_loaded is null)
            return null;
        try
        {
            return NetworkNamespace.Open(inside, Opening.Program(interfaceIndex), "tunnels", with: s_loaded);
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    /// <summary>It is still where it was put: an administrator can take it off (BPF_LINK_DETACH), and nobody tells.</summary>
    internal static bool IsThere(SafeFileHandle attached)
    {
        const int length = LinkInterface + sizeof(int);
        var about = stackalloc byte[length];
        var ask = new bpf_attr_info { bpf_fd = (uint)attached.DangerousGetHandle(), info_len = length, info = (ulong)about };
        return Libc.bpf(BPF_OBJ_GET_INFO_BY_FD, &ask, (uint)sizeof(bpf_attr_info)) < 0 || *(int*)(about + LinkInterface) != 0;
    }
}
