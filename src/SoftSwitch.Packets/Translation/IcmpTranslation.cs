using System.Buffers.Binary;

namespace SoftSwitch.Packets.Translation;

/// <summary>
/// Stateless translation of errors about TCP and UDP between ICMPv6 and ICMP, with the start of the packet that they are about (RFC 7915,
/// 4.2, 4.3, 5.2, 5.3). What isn't named here, echo among it, isn't translated.
/// <code>
///   ICMPv6                               ICMP
///   unreachable, no route, address       unreachable, host      ◄ network, host, and those about tos, isolation
///   unreachable, prohibited              unreachable, host prohibited      ◄ all that are prohibited
///   unreachable, port                    unreachable, port
///   too big, MTU                         unreachable, fragmentation needed, MTU − 20
///   time exceeded, code                  the same
///   parameter problem, unknown next header     unreachable, protocol
/// </code>
/// </summary>
public static class IcmpTranslation
{
    /// <summary>Bytes of the longest message that is written: with the IPv6 header, a packet that every link takes (RFC 4443,
    /// 2.4).</summary>
    public const int LongestMessage = 1280 - Ipv6Header.Size;

    /// <summary>By how much IPv6 is longer.</summary>
    private const int Longer = Ipv6Header.Size - Ipv4Header.MinimumSize;

    private const byte HostProhibited = 10;
    private const int MtuOffset = 4;

    /// <summary>Makes the message, and its header.</summary>
    /// <param name="packet">The whole packet, from the IPv6 header on.</param>
    /// <param name="made">Gets it, <see cref="Ipv4Header.MinimumSize"/> and <see cref="LongestMessage"/> bytes at most.</param>
    /// <returns>Bytes that were made; 0: it isn't translated.</returns>
    public static int ToIpv4(ReadOnlySpan<byte> packet, ushort identification, Span<byte> made)
    {
        int payload = packet.Length < Ipv6Header.Size ? 0 : BinaryPrimitives.ReadUInt16BigEndian(packet[Ipv6Header.PayloadLengthOffset..]);
        if (payload < IcmpHeader.Size || packet.Length < Ipv6Header.Size + payload
            || packet[Ipv6Header.NextHeaderOffset] != IpProtocol.IcmpV6
            || !EmbeddedAddress.TryRead(Ipv6Address.Read(packet[Ipv6Header.SourceOffset..]), out var source)
            || !EmbeddedAddress.TryRead(Ipv6Address.Read(packet[Ipv6Header.DestinationOffset..]), out var destination))
            return 0;
        var message = packet.Slice(Ipv6Header.Size, payload);
        var mtu = BinaryPrimitives.ReadUInt32BigEndian(message[MtuOffset..]);
        var (type, code) = TypeOf(message[IcmpHeader.TypeOffset], message[IcmpHeader.CodeOffset]);
        if (type == 0)
            return 0;
        Span<byte> inner = stackalloc byte[LongestMessage];
        var quoted = message[IcmpHeader.InnerOffset..];
        quoted = quoted[..int.Min(quoted.Length, LongestMessage)];
        quoted.CopyTo(inner);
        inner = inner[..quoted.Length];
        var to = made[Ipv4Header.MinimumSize..];
        var size = IpTranslation.ToIpv4(inner, null, isPartial: false, 0, to[IcmpHeader.InnerOffset..]);
        if (size == 0)
            return 0;
        inner[size..].CopyTo(to[(IcmpHeader.InnerOffset + Ipv4Header.MinimumSize)..]);
        to = to[..(IcmpHeader.InnerOffset + Ipv4Header.MinimumSize + inner.Length - size)];
        to[..IcmpHeader.InnerOffset].Clear();
        (to[IcmpHeader.TypeOffset], to[IcmpHeader.CodeOffset]) = (type, code);
        if (code == IcmpUnreachable.FragmentationNeeded && type == IcmpType.DestinationUnreachable)
            BinaryPrimitives.WriteUInt16BigEndian(
                to[IcmpHeader.NextHopMtuOffset..], (ushort)(uint.Clamp(mtu, Longer, ushort.MaxValue) - Longer));
        BinaryPrimitives.WriteUInt16BigEndian(to[IcmpHeader.ChecksumOffset..], InternetChecksum.Of(to));
        Ipv4Header.Write(made, Ipv4Header.MinimumSize + to.Length, identification, packet[Ipv6Header.HopLimitOffset], IpProtocol.Icmp,
            source, destination);
        return Ipv4Header.MinimumSize + to.Length;
    }

    /// <summary>The other way round.</summary>
    /// <param name="packet">The whole packet, from the IPv4 header on.</param>
    /// <param name="read">The same, as it was read.</param>
    /// <param name="made">Gets it, <see cref="Ipv6Header.Size"/> and <see cref="LongestMessage"/> bytes at most.</param>
    /// <returns>Bytes that were made; 0: it isn't translated.</returns>
    public static int ToIpv6(ReadOnlySpan<byte> packet, in Ipv4Layout read, Span<byte> made)
    {
        if (read.Protocol != IpProtocol.Icmp || read.IsFragment || read.PayloadLength < IcmpHeader.Size || packet.Length < read.TotalLength)
            return 0;
        var message = packet[read.HeaderLength..read.TotalLength];
        var (type, code, word) = TypeOf(message[IcmpHeader.TypeOffset], message[IcmpHeader.CodeOffset],
            BinaryPrimitives.ReadUInt16BigEndian(message[IcmpHeader.NextHopMtuOffset..]));
        var quoted = message[IcmpHeader.InnerOffset..];
        if (type == 0 || !TryReadQuoted(quoted, out var about))
            return 0;
        Span<byte> inner = stackalloc byte[LongestMessage];
        quoted = quoted[..int.Min(quoted.Length, LongestMessage)];
        quoted.CopyTo(inner);
        inner = inner[..quoted.Length];
        var to = made.Slice(Ipv6Header.Size, LongestMessage);
        var isPartial = false;
        var size = IpTranslation.ToIpv6(inner, about, isQuoted: true, ref isPartial, to[IcmpHeader.InnerOffset..]);
        if (size == 0)
            return 0;
        inner = inner[about.HeaderLength..];
        inner = inner[..int.Min(inner.Length, LongestMessage - IcmpHeader.InnerOffset - size)];
        inner.CopyTo(to[(IcmpHeader.InnerOffset + size)..]);
        to = to[..(IcmpHeader.InnerOffset + size + inner.Length)];
        to[..IcmpHeader.InnerOffset].Clear();
        (to[IcmpHeader.TypeOffset], to[IcmpHeader.CodeOffset]) = (type, code);
        BinaryPrimitives.WriteUInt32BigEndian(to[MtuOffset..], word);
        IpTranslation.WriteIpv6(made, packet[1], to.Length, IpProtocol.IcmpV6, read);
        var checksum = PseudoHeader.Sum(made, 0, isIpv6: true, IpProtocol.IcmpV6, to.Length);
        checksum.Add(to);
        BinaryPrimitives.WriteUInt16BigEndian(to[IcmpHeader.ChecksumOffset..], checksum.Value);
        return Ipv6Header.Size + to.Length;
    }

    /// <returns>Type 0: there is none.</returns>
    private static (byte Type, byte Code) TypeOf(byte type, byte code) => (type, code) switch
    {
        (IcmpV6Type.DestinationUnreachable, IcmpV6Unreachable.Prohibited) => (IcmpType.DestinationUnreachable, HostProhibited),
        (IcmpV6Type.DestinationUnreachable, IcmpV6Unreachable.Port) => (IcmpType.DestinationUnreachable, IcmpUnreachable.Port),
        (IcmpV6Type.DestinationUnreachable, <= IcmpV6Unreachable.Address) => (IcmpType.DestinationUnreachable, IcmpUnreachable.Host),
        (IcmpV6Type.PacketTooBig, _) => (IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded),
        (IcmpV6Type.TimeExceeded, _) => (IcmpType.TimeExceeded, code),
        (IcmpV6Type.ParameterProblem, IcmpV6Type.UnknownNextHeader) => (IcmpType.DestinationUnreachable, IcmpUnreachable.Protocol),
        _ => default,
    };

    /// <returns>Type 0: there is none. The word behind the checksum goes with it.</returns>
    private static (byte Type, byte Code, uint Word) TypeOf(byte type, byte code, ushort mtu) => (type, code) switch
    {
        (IcmpType.TimeExceeded, _) => (IcmpV6Type.TimeExceeded, code, 0),
        (IcmpType.DestinationUnreachable, IcmpUnreachable.Protocol) =>
            (IcmpV6Type.ParameterProblem, IcmpV6Type.UnknownNextHeader, Ipv6Header.NextHeaderOffset),
        (IcmpType.DestinationUnreachable, IcmpUnreachable.Port) => (IcmpV6Type.DestinationUnreachable, IcmpV6Unreachable.Port, 0),
        (IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded) =>
            (IcmpV6Type.PacketTooBig, 0, uint.Max(mtu + (uint)Longer, 1280)),
        (IcmpType.DestinationUnreachable, 9 or HostProhibited or IcmpUnreachable.Prohibited or 15) =>
            (IcmpV6Type.DestinationUnreachable, IcmpV6Unreachable.Prohibited, 0),
        (IcmpType.DestinationUnreachable, < 14) => (IcmpV6Type.DestinationUnreachable, IcmpV6Unreachable.NoRoute, 0),
        _ => default,
    };

    /// <summary>Of a packet in an error, of which only the start is there.</summary>
    private static bool TryReadQuoted(ReadOnlySpan<byte> quoted, out Ipv4Layout about) =>
        Ipv4Layout.TryRead(quoted, 0, int.MaxValue, out about);
}
