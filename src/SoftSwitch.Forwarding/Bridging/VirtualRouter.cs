using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// The MAC address of a virtual router (VRRP, RFC 9568, 7.3; HSRP, RFC 2281), which is made to move. The router that takes it over
/// announces itself with it while the other still speaks: that one falls silent because it hears the announcement, so it must hear it.
/// Nobody gains by forging one with this source: routers don't look at it, and believe the same announcement from any address.
/// </summary>
internal static class VirtualRouter
{
    private const ulong Ipv4 = 0x0000_5E00_01, Ipv6 = 0x0000_5E00_02;

    /// <summary>224.0.0.18 and ff02::12.</summary>
    private const ulong Ipv4Group = 0x0100_5E00_0012, Ipv6Group = 0x3333_0000_0012;

    private const ulong Hsrp = 0x0000_0C07_AC, Hsrp2 = 0x0000_0C9F_F;

    /// <summary>224.0.0.2 of HSRP, and 224.0.0.102 of its second version.</summary>
    private const ulong HsrpGroup = 0x0100_5E00_0002, Hsrp2Group = 0x0100_5E00_0066;

    /// <summary>The frame is such a router's announcement.</summary>
    public static bool IsAnnounced(in Frame frame) =>
        (frame.Source >> 8 == Ipv4 && frame.Destination == Ipv4Group) || (frame.Source >> 8 == Ipv6 && frame.Destination == Ipv6Group)
        || ((frame.Source >> 8 == Hsrp || frame.Source >> 12 == Hsrp2) && (frame.Destination is HsrpGroup or Hsrp2Group));
}
