using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>An IPv6 address of an interface (rtnetlink(7), RTM_NEWADDR).</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Address">The interface's own address.</param>
/// <param name="Subnet">The network behind it.</param>
public readonly record struct Ipv6AddressInfo(int Interface, Ipv6Address Address, Ipv6Subnet Subnet)
{
    /// <summary>Reads the payload of RTM_NEWADDR or RTM_DELADDR; null when it is not of IPv6, or broken.</summary>
    internal static Ipv6AddressInfo? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < Unsafe.SizeOf<ifaddrmsg>())
            return null;
        var header = MemoryMarshal.Read<ifaddrmsg>(payload);
        if (header.ifa_family != SysSocket.AF_INET6 || header.ifa_prefixlen > 128 || header.ifa_index is 0 or > int.MaxValue)
            return null;
        Ipv6Address? local = null, remote = null;
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<ifaddrmsg>()..]);
        while (attributes.Next())
        {
            if (attributes.Value.Length != Ipv6Address.Size)
                continue;
            if (attributes.Type == IFA_LOCAL)
                local = Ipv6Address.Read(attributes.Value);
            else if (attributes.Type == IFA_ADDRESS)
                remote = Ipv6Address.Read(attributes.Value);
        }
        return (local ?? remote) is not { } address ? null
            : new((int)header.ifa_index, address, Ipv6Subnet.Containing(remote ?? address, header.ifa_prefixlen));
    }
}
