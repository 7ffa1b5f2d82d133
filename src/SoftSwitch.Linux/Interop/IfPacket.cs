using System.Runtime.InteropServices;

namespace SoftSwitch.Linux.Interop;

/// <summary>linux/if_packet.h. Multi-byte fields are in host order, except the protocols.</summary>
internal static unsafe class IfPacket
{
    internal const int SOL_PACKET = 263;

    internal const int PACKET_ADD_MEMBERSHIP = 1;
    internal const int PACKET_DROP_MEMBERSHIP = 2;
    internal const int PACKET_STATISTICS = 6;
    internal const int PACKET_AUXDATA = 8;
    internal const int PACKET_VNET_HDR = 15;
    internal const int PACKET_QDISC_BYPASS = 20;
    internal const int PACKET_IGNORE_OUTGOING = 23;

    internal const ushort PACKET_MR_PROMISC = 1;
    internal const ushort PACKET_MR_UNICAST = 3;

    internal const byte PACKET_HOST = 0;
    internal const byte PACKET_OUTGOING = 4;
    internal const byte PACKET_BROADCAST = 1;
    internal const byte PACKET_MULTICAST = 2;
    internal const byte PACKET_OTHERHOST = 3;

    internal const uint TP_STATUS_VLAN_VALID = 1 << 4;
    internal const uint TP_STATUS_VLAN_TPID_VALID = 1 << 6;

    [StructLayout(LayoutKind.Sequential)]
    internal struct sockaddr_ll
    {
        public ushort sll_family;
        public ushort sll_protocol;
        public int sll_ifindex;
        public ushort sll_hatype;
        public byte sll_pkttype;
        public byte sll_halen;
        public fixed byte sll_addr[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct packet_mreq
    {
        public int mr_ifindex;
        public ushort mr_type;
        public ushort mr_alen;
        public fixed byte mr_address[8];
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct tpacket_stats
    {
        public uint tp_packets;
        public uint tp_drops;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct tpacket_auxdata
    {
        public uint tp_status;
        public uint tp_len;
        public uint tp_snaplen;
        public ushort tp_mac;
        public ushort tp_net;
        public ushort tp_vlan_tci;
        public ushort tp_vlan_tpid;
    }
}
