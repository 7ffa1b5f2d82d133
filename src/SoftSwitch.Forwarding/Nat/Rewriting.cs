using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>The writing part of translation: an address, a port, and the checksums over them by difference.</summary>
internal static class Rewriting
{
    /// <summary>Writes an address of the packet and mends its header's checksum.</summary>
    /// <param name="head">The frame's head.</param>
    /// <param name="field"><see cref="Ipv4Header.SourceOffset"/> or <see cref="Ipv4Header.DestinationOffset"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Address(Span<byte> head, in Ipv4Layout packet, int field, Ipv4Address address, ChecksumDelta delta)
    {
        var header = head[packet.NetworkOffset..];
        address.Write(header[field..]);
        delta.ApplyTo(header[Ipv4Header.ChecksumOffset..]);
    }

    /// <summary>
    /// Writes a port or a query's identifier and mends the transport's checksum. Of a partial checksum only the addresses' part changes:
    /// the rest is summed by whoever completes it, when the new port stands there. ICMP sums no addresses at all.
    /// </summary>
    /// <param name="field">The port's offset in the transport header.</param>
    /// <param name="partial">The frame has a partial checksum.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transport(
        Span<byte> head, in Ipv4Layout packet, int protocol, int field, ushort port, bool partial, ChecksumDelta addressDelta,
        ChecksumDelta transportDelta)
    {
        var header = head[packet.TransportOffset..];
        BinaryPrimitives.WriteUInt16BigEndian(header[field..], port);
        var checksum = header[TransportHeader.ChecksumOffsetOf(protocol)..];
        if (!partial)
        {
            if (protocol == NatProtocol.Udp)
                transportDelta.ApplyToUdp(checksum);
            else
                transportDelta.ApplyTo(checksum);
        }
        else if (protocol != NatProtocol.Icmp)
        {
            addressDelta.AddTo(checksum);
        }
    }
}
