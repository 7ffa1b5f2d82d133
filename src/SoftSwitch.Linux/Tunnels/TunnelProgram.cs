using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Bpf;

namespace SoftSwitch.Linux.Tunnels;

/// <summary>
/// Lets the kernel cut what is in a tunnel. A packet socket's offload header can't say that a super-frame is in one: the kernel takes such a frame for a super-frame of the outer packet, and
/// can't cut it. This eBPF program stands where frames leave the interface (tcx, since Linux 6.6). For a frame with a <see cref="TunnelNote"/> it takes the tunnel's headers off and puts
/// them on again by the call that tunnels are made with (bpf_skb_adjust_room). Then the frame is what a tunnel of the kernel's own would have sent: the interface, or the kernel for it, cuts it right.
/// <para>
/// The program is loaded once, while the process has every right; whoever makes a port attaches it (<see cref="Attach"/>). It is gone when the port's descriptor is closed, however the process
/// ends. Without it (an older kernel, no CAP_BPF, a user namespace) everything works, and what is in tunnels is cut in software.
/// </para>
/// </summary>
public static unsafe class TunnelProgram
{
    /// <summary>The most that stands between an outer and an inner IP header, the outer one included: the program's memory.</summary>
    public const int MaximumHeaders = 128;

    private const int Answer = 0, Argument1 = 1, Argument2 = 2, Argument3 = 3, Argument4 = 4, Argument5 = 5, Frame = 6, Length = 7, Flags = 8, Note = 9, Stack = 10;

    private static SafeFileHandle? s_loaded;

    /// <summary>Loads it, where the kernel lets us.</summary>
    public static void Load()
    {
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
                s_loaded = new(descriptor, ownsHandle: true);
        }
    }

    /// <summary>Keeps it for the program that this process executes next.</summary>
    /// <returns>What <see cref="Adopt"/> must be told there.</returns>
    public static int Leave() => s_loaded is null ? -1 : InheritedDescriptor.Leave(s_loaded);

    /// <summary>Takes over what <see cref="Leave"/> left.</summary>
    public static void Adopt(int left) => s_loaded = left < 0 ? null : InheritedDescriptor.Take(left);

    /// <summary>Puts it at an interface of the calling thread's namespace, before all other programs: they see the frame as it will be.</summary>
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
    ///   if (note >> 32 != OURS) return TCX_NEXT;
    ///   skb->tstamp = 0;
    ///   u64 length = note &amp; 0xff;  u8 headers[128] = {};
    ///   if (length is 0 or more than 128
    ///       || bpf_skb_load_bytes(skb, 14, headers, length)
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
        program.Calculate(BPF_RSH, Argument2, TunnelNote.OursShift);
        program.ReturnUnless(BPF_JEQ, Argument2, (int)TunnelNote.Ours, TCX_NEXT);
        program.Set(Argument1, 0);
        program.Store(Frame, SkbTimestamp, Argument1);

        program.Move(Length, Note);
        program.Calculate(BPF_AND, Length, byte.MaxValue);
        program.ReturnUnless(BPF_JNE, Length, 0, TCX_DROP);
        program.ReturnIf(BPF_JGT, Length, MaximumHeaders, TCX_DROP);
        for (var at = -MaximumHeaders; at < 0; at += sizeof(ulong))
            program.Store(Stack, (short)at, Argument1);

        HeaderCall(program, BPF_FUNC_skb_load_bytes);
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

    private static void AdjustRoom(ProgramWriter program)
    {
        program.Move(Argument1, Frame);
        program.Set(Argument3, BPF_ADJ_ROOM_MAC);
        program.Call(BPF_FUNC_skb_adjust_room);
        program.ReturnUnless(BPF_JEQ, Answer, 0, TCX_DROP);
    }
}
