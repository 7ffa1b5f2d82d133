using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.Rtnetlink;

namespace SoftSwitch.Linux.Netlink;

/// <summary>An IPv4 address of an interface (rtnetlink(7), RTM_NEWADDR).</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Address">The interface's own address.</param>
/// <param name="PrefixLength">Bits of the network behind it.</param>
/// <param name="IsGlobal">Good for talking to anyone (scope universe); otherwise the link's or the host's alone.</param>
/// <param name="IsSecondary">Another address of the same network came first, and is the one that the kernel prefers.</param>
public readonly record struct AddressInfo(int Interface, Ipv4Address Address, int PrefixLength, bool IsGlobal, bool IsSecondary)
{
    /// <summary>On a point-to-point interface the other end's address; else null.</summary>
    public Ipv4Address? Peer { get; init; }

    /// <summary>The network that the interface is on by this address.</summary>
    public Ipv4Subnet Subnet => Ipv4Subnet.Containing(Address, PrefixLength);

    /// <summary>Reads the payload of RTM_NEWADDR or RTM_DELADDR; null when it is not of IPv4, or broken.</summary>
    internal static AddressInfo? Read(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead(payload, out ifaddrmsg header)
            || header.ifa_family != SysSocket.AF_INET || header.ifa_prefixlen > 32 || header.ifa_index is 0 or > int.MaxValue)
            return null;
        Ipv4Address? local = null, remote = null;
        var attributes = new AttributeReader(payload[Unsafe.SizeOf<ifaddrmsg>()..]);
        while (attributes.Next())
        {
            // On a point-to-point interface IFA_ADDRESS is the other end's.
            if (attributes.Type == IFA_LOCAL)
                local = attributes.Ipv4;
            else if (attributes.Type == IFA_ADDRESS)
                remote = attributes.Ipv4;
        }
        return (local ?? remote) is not { } address ? null : new(
            (int)header.ifa_index, address, header.ifa_prefixlen, header.ifa_scope == RT_SCOPE_UNIVERSE,
            (header.ifa_flags & IFA_F_SECONDARY) != 0) { Peer = remote == address ? null : remote };
    }
}
