using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>A neighbor that the host knows by its MAC address, as it was confirmed last, however long ago (rtnetlink(7),
/// RTM_NEWNEIGH).</summary>
/// <param name="Interface">The index of the interface behind which it is.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Address">Its IPv4 address; null: it is known by one of IPv6.</param>
/// <param name="Ipv6">Its IPv6 address, if it is known by that.</param>
/// <param name="IsReachable">It was confirmed not long ago (RFC 4861, 7.3.2: REACHABLE), or is known for
/// good.</param>
/// <param name="IsPermanent">Somebody has said so for good (NUD_PERMANENT).</param>
public readonly record struct NeighborInfo(
    int Interface, MacAddress Mac, Ipv4Address? Address, Ipv6Address Ipv6, bool IsReachable, bool IsPermanent)
{
    /// <summary>Reads the payload of RTM_NEWNEIGH; null when it has no MAC address of a station, or is broken.</summary>
    internal static NeighborInfo? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Unsafe.SizeOf<ndmsg>())
            return null;
        var header = MemoryMarshal.Read<ndmsg>(payload);
        if ((header.ndm_state & (NUD_INCOMPLETE | NUD_FAILED | NUD_NOARP)) != 0)
            return null;
        MacAddress? mac = null;
        Ipv4Address? address = null;
        Ipv6Address ipv6 = default;
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<ndmsg>()..]);
        while (attributes.Next())
        {
            if (attributes.Type == NDA_LLADDR && attributes.Value.Length == MacAddress.Size)
                mac = MacAddress.Read(attributes.Value);
            else if (attributes.Type == NDA_DST && header.ndm_family == SysSocket.AF_INET && attributes.Value.Length == Ipv4Address.Size)
                address = Ipv4Address.Read(attributes.Value);
            else if (attributes.Type == NDA_DST && header.ndm_family == SysSocket.AF_INET6 && attributes.Value.Length == Ipv6Address.Size)
                ipv6 = Ipv6Address.Read(attributes.Value);
        }
        return mac is { IsMulticast: false, IsZero: false } station
            ? new(header.ndm_ifindex, station, address, ipv6, (header.ndm_state & (NUD_REACHABLE | NUD_PERMANENT)) != 0,
                (header.ndm_state & NUD_PERMANENT) != 0)
            : null;
    }
}
