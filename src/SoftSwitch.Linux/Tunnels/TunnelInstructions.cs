using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Bpf;

namespace SoftSwitch.Linux.Tunnels;

/// <summary>The instructions of the <see cref="TunnelProgram"/>.</summary>
internal static class TunnelInstructions
{
    /// <summary>The most that stands between an outer and an inner IP header, the outer one included: the program's memory.</summary>
    private const int MaximumHeaders = 128;

    /// <summary>Registers: the answer of a call, its arguments, and what is kept from call to call.</summary>
    private const int Answer = 0, Argument1 = 1, Argument2 = 2, Argument3 = 3, Argument4 = 4, Argument5 = 5,
        Frame = 6, Length = 7, Flags = 8, Note = 9, Stack = 10;

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
    public static bpf_insn[] Write(uint tag)
    {
        var program = new ProgramWriter();
        program.Move(Frame, Argument1);
        program.Load(Note, Frame, SkbTimestamp);
        program.Move(Argument2, Note);
        program.Calculate(BPF_RSH, Argument2, TunnelNote.TagShift);
        program.ReturnUnless(BPF_JEQ, Argument2, (int)tag, TCX_NEXT);
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
