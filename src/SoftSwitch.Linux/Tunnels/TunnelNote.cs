using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Bpf;

namespace SoftSwitch.Linux.Tunnels;

/// <summary>
/// What <see cref="TunnelProgram"/> must know of a super-frame in a tunnel, in the eight bytes of a send time (SCM_TXTIME), which travel
/// beside a frame and cost no right:
/// <code>
///   63            32 31        24 23        16 15         8 7          0
///   │ tag           │ to remove  │ inner L2   │ to add     │ bytes      │
/// </code>
/// Bytes are those between the outer and the inner IP header, the outer one's included; inner L2 is the length of the inner Ethernet
/// header. To remove and to add are flags of bpf_skb_adjust_room.
/// </summary>
internal static class TunnelNote
{
    internal const int TagShift = 32, RemoveShift = 24, InnerEthernetShift = 16, AddShift = 8;

    /// <summary>Flags for removing are stored without their lowest bit, which they don't need: so they fit.</summary>
    internal const int RemoveFlagShift = 1;

    /// <param name="head">The frame's first bytes, all headers in them.</param>
    /// <param name="checksumStart">Where the inner transport header is.</param>
    internal static ulong Of(ReadOnlySpan<byte> head, int checksumStart)
    {
        if (!TunnelLayout.TryRead(head, checksumStart, out var tunnel))
            return 0;
        var add = BPF_F_ADJ_ROOM_FIXED_GSO | (tunnel.IsIpv6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
        add |= tunnel.Protocol switch
        {
            IpProtocol.Udp => BPF_F_ADJ_ROOM_ENCAP_L4_UDP,
            IpProtocol.Gre => BPF_F_ADJ_ROOM_ENCAP_L4_GRE,
            _ => 0,
        };
        if (tunnel.InnerEthernetLength != 0)
            add |= BPF_F_ADJ_ROOM_ENCAP_L2_ETH;
        var remove = tunnel.Inner.IsIpv6 ? BPF_F_ADJ_ROOM_DECAP_L3_IPV6 : BPF_F_ADJ_ROOM_DECAP_L3_IPV4;
        return (ulong)TunnelProgram.Tag << TagShift | remove >> RemoveFlagShift << RemoveShift
            | (ulong)tunnel.InnerEthernetLength << InnerEthernetShift
            | add << AddShift | (uint)(tunnel.Inner.NetworkOffset - tunnel.NetworkOffset);
    }
}
