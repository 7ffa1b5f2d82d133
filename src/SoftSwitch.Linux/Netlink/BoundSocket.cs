using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Packets;
using static SoftSwitch.Linux.Interop.InetDiag;

namespace SoftSwitch.Linux.Netlink;

/// <summary>A socket of the host that packets of IPv4 can reach (sock_diag(7)).</summary>
/// <param name="Protocol"><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>.</param>
/// <param name="Port">Its local port.</param>
/// <param name="Address">Its local address; null: all.</param>
/// <param name="Interface">The only interface that it hears; 0: all.</param>
/// <param name="IsConnected">It hears one other end alone.</param>
/// <param name="Inode">The number by which /proc/PID/fd tells who holds it; 0 when nobody does any more.</param>
internal readonly record struct BoundSocket(byte Protocol, int Port, Ipv4Address? Address, uint Interface, bool IsConnected, uint Inode)
{
    /// <summary>A packet to this address and to the port finds the socket.</summary>
    internal bool Hears(Ipv4Address address) => Address is not { } own || own == address;

    /// <summary>Reads the payload of SOCK_DIAG_BY_FAMILY; null when it is broken, or the socket is one of IPv6 alone.</summary>
    internal static BoundSocket? Read(ReadOnlySpan<byte> payload, byte protocol)
    {
        if (!MemoryMarshal.TryRead(payload, out inet_diag_msg header))
            return null;
        var source = payload.Slice(sizeof(uint) + 2 * sizeof(ushort), 16);
        Ipv4Address? address;
        if (header.idiag_family == SysSocket.AF_INET)
            address = Ipv4Address.Read(source);
        else if (header.idiag_family != SysSocket.AF_INET6)
            return null;
        else if (!source.ContainsAnyExcept((byte)0))
            address = IsIpv6Only(new(payload[Unsafe.SizeOf<inet_diag_msg>()..])) ? null : default(Ipv4Address);
        else // RFC 4291, 2.5.5.2: an address of IPv4 in a socket of IPv6.
            address = source[..12].SequenceEqual((ReadOnlySpan<byte>)[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
                ? Ipv4Address.Read(source[12..])
                : null;
        if (address is not { } bound)
            return null;
        return new(protocol, BinaryPrimitives.ReverseEndianness(header.id.idiag_sport), bound == default ? null : bound, header.id.idiag_if,
            header.id.idiag_dport != 0, header.idiag_inode);
    }

    private static bool IsIpv6Only(AttributeReader attributes)
    {
        while (attributes.Next())
        {
            if (attributes.Type == INET_DIAG_SKV6ONLY)
                return attributes.Byte != 0;
        }
        return false;
    }
}
