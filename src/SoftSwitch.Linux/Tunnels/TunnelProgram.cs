using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
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
    /// <summary>The most that stands between an outer and an inner IP header, the outer one included: the program's memory.</summary>
    public const int MaximumHeaders = 128;

    private const int Answer = 0, Argument1 = 1, Argument2 = 2, Argument3 = 3, Argument4 = 4, Argument5 = 5, Frame = 6, Length = 7, Flags = 8, Note = 9, Stack = 10;

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
        var instructions = Write();
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
    public static string Leave() => s_loaded is null
        ? "-"
        : string.Create(CultureInfo.InvariantCulture, $"{InheritedDescriptor.Leave(s_loaded)}:{Tag}");

    /// <summary>Takes over what <see cref="Leave"/> left.</summary>
    public static void Adopt(string left)
    {
        if (left.Split(':') is not [var descriptor, var tag] || !int.TryParse(descriptor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !uint.TryParse(tag, NumberStyles.None, CultureInfo.InvariantCulture, out var drawn))
            return;
        Tag = drawn;
        s_loaded = InheritedDescriptor.Take(number);
    }

    /// <summary>Puts it at an interface of the calling thread's namespace, before all other programs: they see the frame as it will
    /// be.</summary>
    /// <returns>As long as this is open, the program is there; null: it can't be had.</returns>
    internal static SafeFileHandle? Attach(int interfaceIndex)
    {
        if (s_loaded is null)
            return null;
        var attach = new bpf_attr_link_create
        {
            prog_fd = (uint)s_loaded.DangerousGetHandle(),
            target_ifindex = (uint)interfaceIndex,
            attach_type = BPF_TCX_EGRESS,
            flags = BPF_F_BEFORE,
        };
        return Libc.bpf(BPF_LINK_CREATE, &attach, (uint)sizeof(bpf_attr_link_create)) is var descriptor and >= 0 ? new(descriptor, ownsHandle: true) : null;
    }

    /// <summary>
    /// The program, as C would say it:
    /// <code>
    ///   u64 note = skb->tstamp;
    ///   if (note >> 32 != tag) return TCX_NEXT;
    ///   skb->tstamp = 0;
    ///   u64 length = note &amp; 0xff;  u8 headers[128] = {}, packet[8];
    ///   if (length is 0 or more than 128
    ///       || bpf_skb_load_bytes(skb, 14, headers, length)
    ///       || bpf_skb_load_bytes_relative(skb, 0, packet, 8, BPF_HDR_START_NET)
    ///       || the first 8 of headers aren't packet
    ///       || bpf_skb_adjust_room(skb, -length, BPF_ADJ_ROOM_MAC, FIXED_GSO | remove)
    ///       || bpf_skb_adjust_room(skb, length, BPF_ADJ_ROOM_MAC, add | inner Ethernet's length)
    ///       || bpf_skb_store_bytes(skb, 14, headers, length, 0))
    ///     return TCX_DROP;
    ///   return TCX_NEXT;
    /// </code>
    /// </summary>
    private static bpf_insn[] Write()
    {
        var program = new ProgramWriter();
        program.Move(Frame, Argument1);
        program.Load(Note, Frame, SkbTimestamp);
        program.Move(Argument2, Note);
        program.Calculate(BPF_RSH, Argument2, TunnelNote.TagShift);
        program.ReturnUnless(BPF_JEQ, Argument2, (int)Tag, TCX_NEXT);
        program.Set(Argument1, 0);
        program.Store(Frame, SkbTimestamp, Argument1);

        program.Move(Length, Note);
        program.Calculate(BPF_AND, Length, byte.MaxValue);
        // Not "not equal": before Linux 6.8 the kernel's verifier learns no lower bound from that.
        program.ReturnUnless(BPF_JGT, Length, 0, TCX_DROP);
        program.ReturnIf(BPF_JGT, Length, MaximumHeaders, TCX_DROP);
        for (var at = -MaximumHeaders; at < 0; at += sizeof(ulong))
            program.Store(Stack, (short)at, Argument1);

        HeaderCall(program, BPF_FUNC_skb_load_bytes);
        RequireEthernet(program);
        program.Move(Argument2, Length);
        program.Calculate(BPF_NEG, Argument2, 0);
        program.Move(Argument4, Note);
        program.Calculate(BPF_RSH, Argument4, TunnelNote.RemoveShift);
        program.Calculate(BPF_AND, Argument4, byte.MaxValue);
        program.Calculate(BPF_LSH, Argument4, TunnelNote.RemoveFlagShift);
        program.Calculate(BPF_OR, Argument4, (int)BPF_F_ADJ_ROOM_FIXED_GSO);
        AdjustRoom(program);
        program.Move(Argument2, Length);
        program.Move(Argument4, Note);
        program.Calculate(BPF_RSH, Argument4, TunnelNote.InnerEthernetShift);
        program.Calculate(BPF_LSH, Argument4, BPF_ADJ_ROOM_ENCAP_L2_SHIFT);
        program.Move(Flags, Note);
        program.Calculate(BPF_RSH, Flags, TunnelNote.AddShift);
        program.Calculate(BPF_AND, Flags, byte.MaxValue);
        program.Join(Argument4, Flags);
        AdjustRoom(program);
        HeaderCall(program, BPF_FUNC_skb_store_bytes);
        program.Return(TCX_NEXT);
        return program.ToArray();
    }

    /// <summary>Reads the tunnel's headers from behind the Ethernet header onto the stack, or writes them back.</summary>
    private static void HeaderCall(ProgramWriter program, int function)
    {
        program.Move(Argument1, Frame);
        program.Set(Argument2, EthernetHeader.Size);
        program.Move(Argument3, Stack);
        program.Calculate(BPF_ADD, Argument3, -MaximumHeaders);
        program.Move(Argument4, Length);
        program.Set(Argument5, 0);
        program.Call(function);
        program.ReturnUnless(BPF_JEQ, Answer, 0, TCX_DROP);
    }

    /// <summary>
    /// An interface whose own header is longer than Ethernet's (a VLAN device over a NIC that can't put tags in) has told the kernel of
    /// another place for the packet: there the call that follows would move the wrong bytes.
    /// </summary>
    private static void RequireEthernet(ProgramWriter program)
    {
        const short here = -MaximumHeaders - sizeof(ulong);
        program.Move(Argument1, Frame);
        program.Set(Argument2, 0);
        program.Move(Argument3, Stack);
        program.Calculate(BPF_ADD, Argument3, here);
        program.Set(Argument4, sizeof(ulong));
        program.Set(Argument5, BPF_HDR_START_NET);
        program.Call(BPF_FUNC_skb_load_bytes_relative);
        program.ReturnUnless(BPF_JEQ, Answer, 0, TCX_DROP);
        program.Load(Argument1, Stack, here);
        program.Load(Argument2, Stack, -MaximumHeaders);
        program.Calculate(BPF_NEG, Argument2, 0);
        program.Add(Argument1, Argument2);
        program.ReturnUnless(BPF_JEQ, Argument1, 0, TCX_DROP);
    }

    private static void AdjustRoom(ProgramWriter program)
    {
        program.Move(Argument1, Frame);
        program.Set(Argument3, BPF_ADJ_ROOM_MAC);
        program.Call(BPF_FUNC_skb_adjust_room);
        program.ReturnUnless(BPF_JEQ, Answer, 0, TCX_DROP);
    }
}
