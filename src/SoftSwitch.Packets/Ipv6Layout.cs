using System.Buffers.Binary;

namespace SoftSwitch.Packets;

/// <summary>
/// An IPv6 packet in a frame (RFC 8200): its addresses, and what it carries behind its extension headers. Offsets count from the first byte
/// of the Ethernet header.
/// </summary>
public readonly struct Ipv6Layout
{
    private const int MaximumExtensionHeaders = 16;
    private const int SegmentsLeftOffset = 3;
    private const int FragmentHeaderSize = 8;

    private Ipv6Layout(ReadOnlySpan<byte> header)
    {
        Source = Ipv6Address.Read(header[Ipv6Header.SourceOffset..]);
        Destination = Ipv6Address.Read(header[Ipv6Header.DestinationOffset..]);
    }

    public Ipv6Address Source { get; }

    public Ipv6Address Destination { get; }

    /// <summary>What it carries: one of <see cref="IpProtocol"/>, or another. Unknown in a later fragment.</summary>
    public byte Protocol { get; private init; }

    /// <summary>Where that begins.</summary>
    public int TransportOffset { get; private init; }

    /// <summary>A fragment that isn't the first: what the packet carries stands in another.</summary>
    public bool IsLaterFragment { get; private init; }

    /// <summary>It is to travel on from its destination, to others that a routing header lists (RFC 8200, 4.4).</summary>
    public bool IsSourceRouted { get; private init; }

    /// <summary>
    /// Reads a packet up to the first byte of what it carries; false when that isn't all there, as a first fragment must have it too (RFC
    /// 7112).
    /// </summary>
    /// <param name="head">The frame's first bytes, from the Ethernet header on.</param>
    /// <param name="networkOffset">Where the packet begins.</param>
    public static bool TryRead(ReadOnlySpan<byte> head, int networkOffset, out Ipv6Layout layout)
    {
        layout = default;
        if ((uint)networkOffset > (uint)head.Length || head.Length - networkOffset < Ipv6Header.Size || head[networkOffset] >> 4 != 6)
            return false;
        var header = head.Slice(networkOffset, Ipv6Header.Size);
        // Behind the packet there may be padding. A length of 0 is that of a packet too long for the field (RFC 2675), or nothing follows.
        int payload = BinaryPrimitives.ReadUInt16BigEndian(header[Ipv6Header.PayloadLengthOffset..]);
        if (payload != 0 && head.Length - networkOffset - Ipv6Header.Size > payload)
            head = head[..(networkOffset + Ipv6Header.Size + payload)];
        var (protocol, at) = (header[Ipv6Header.NextHeaderOffset], networkOffset + Ipv6Header.Size);
        var (isSourceRouted, isLater) = (false, false);
        for (var extensions = 0; IsExtension(protocol) && !isLater; extensions++)
        {
            if (extensions == MaximumExtensionHeaders || head.Length - at < FragmentHeaderSize)
                return false;
            var extension = head[at..];
            isLater = protocol == IpProtocol.Fragment && BinaryPrimitives.ReadUInt16BigEndian(extension[2..]) >> 3 != 0;
            isSourceRouted |= protocol == IpProtocol.Routing && extension[SegmentsLeftOffset] != 0;
            at += protocol switch
            {
                IpProtocol.Fragment => FragmentHeaderSize,
                IpProtocol.Authentication => (extension[1] + 2) * 4,
                _ => (extension[1] + 1) * 8,
            };
            protocol = extension[0];
        }
        if (!isLater && protocol != IpProtocol.None && at >= head.Length)
            return false;
        layout = new(header)
        {
            Protocol = protocol, TransportOffset = at, IsLaterFragment = isLater, IsSourceRouted = isSourceRouted,
        };
        return true;
    }

    private static bool IsExtension(byte protocol) => protocol is IpProtocol.HopByHopOptions or IpProtocol.Routing or IpProtocol.Fragment
        or IpProtocol.DestinationOptions or IpProtocol.Authentication;
}
