using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/bpf.h and linux/bpf_common.h: eBPF (RFC 9669 for the instructions).</summary>
internal static class Bpf
{
    internal const int BPF_PROG_LOAD = 5;
    internal const int BPF_OBJ_GET_INFO_BY_FD = 15;
    internal const int BPF_LINK_CREATE = 28;
    internal const uint BPF_PROG_TYPE_SCHED_CLS = 3;
    internal const uint BPF_TCX_EGRESS = 47;
    internal const uint BPF_F_BEFORE = 1 << 3;
    internal const int BPF_OBJ_NAME_LEN = 16;

    internal const byte BPF_LD = 0x00;
    internal const byte BPF_LDX = 0x01;
    internal const byte BPF_STX = 0x03;
    internal const byte BPF_JMP = 0x05;
    internal const byte BPF_ALU64 = 0x07;
    internal const byte BPF_DW = 0x18;
    internal const byte BPF_MEM = 0x60;
    internal const byte BPF_K = 0x00;
    internal const byte BPF_X = 0x08;
    internal const byte BPF_ADD = 0x00;
    internal const byte BPF_OR = 0x40;
    internal const byte BPF_AND = 0x50;
    internal const byte BPF_LSH = 0x60;
    internal const byte BPF_RSH = 0x70;
    internal const byte BPF_NEG = 0x80;
    internal const byte BPF_MOV = 0xb0;
    internal const byte BPF_JEQ = 0x10;
    internal const byte BPF_JGT = 0x20;
    internal const byte BPF_JNE = 0x50;
    internal const byte BPF_CALL = 0x80;
    internal const byte BPF_EXIT = 0x90;

    internal const int BPF_FUNC_skb_store_bytes = 9;
    internal const int BPF_FUNC_skb_load_bytes = 26;
    internal const int BPF_FUNC_skb_adjust_room = 50;
    internal const int BPF_FUNC_skb_load_bytes_relative = 68;
    internal const int BPF_HDR_START_NET = 1;
    internal const int BPF_ADJ_ROOM_MAC = 1;
    internal const ulong BPF_F_ADJ_ROOM_FIXED_GSO = 1 << 0;
    internal const ulong BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 = 1 << 1;
    internal const ulong BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 = 1 << 2;
    internal const ulong BPF_F_ADJ_ROOM_ENCAP_L4_GRE = 1 << 3;
    internal const ulong BPF_F_ADJ_ROOM_ENCAP_L4_UDP = 1 << 4;
    internal const ulong BPF_F_ADJ_ROOM_ENCAP_L2_ETH = 1 << 6;
    internal const ulong BPF_F_ADJ_ROOM_DECAP_L3_IPV4 = 1 << 7;
    internal const ulong BPF_F_ADJ_ROOM_DECAP_L3_IPV6 = 1 << 8;
    internal const int BPF_ADJ_ROOM_ENCAP_L2_SHIFT = 56;

    internal const int TCX_NEXT = -1;
    internal const int TCX_DROP = 2;

    /// <summary>offsetof(struct __sk_buff, tstamp).</summary>
    internal const short SkbTimestamp = 152;

    /// <summary>offsetof(struct bpf_link_info, xdp.ifindex), where links of tcx have it as well.</summary>
    internal const int LinkInterface = 16;

    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_insn(byte code, int dst_reg, int src_reg, short off, int imm)
    {
        public byte code = code;
        private byte _registers = (byte)(src_reg << 4 | dst_reg);
        public short off = off;
        public int imm = imm;
    }

    /// <summary>union bpf_attr for BPF_PROG_LOAD, as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct bpf_attr_load
    {
        public uint prog_type;
        public uint insn_cnt;
        public ulong insns;
        public ulong license;
        public uint log_level;
        public uint log_size;
        public ulong log_buf;
        public uint kern_version;
        public uint prog_flags;
        public fixed byte prog_name[BPF_OBJ_NAME_LEN];
        public uint prog_ifindex;
        public uint expected_attach_type;
    }

    /// <summary>union bpf_attr for BPF_OBJ_GET_INFO_BY_FD.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_info
    {
        public uint bpf_fd;
        public uint info_len;
        public ulong info;
    }

    /// <summary>union bpf_attr for BPF_LINK_CREATE, as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct bpf_attr_link_create
    {
        public uint prog_fd;
        public uint target_ifindex;
        public uint attach_type;
        public uint flags;
    }
}
