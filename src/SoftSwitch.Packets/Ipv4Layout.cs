using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace SoftSwitch.Packets;

/// <summary>
/// An IPv4 packet in a frame (RFC 791, 3.1), its header read and verified once. Offsets count from the first byte of the Ethernet header.
/// It says nothing about what the transport header holds: that may be cut short, or be a later fragment's payload.
/// </summary>
public readonly struct Ipv4Layout
{
    private const ushort DontFragmentBit = 0x4000;
    private const ushort MoreFragmentsBit = 0x2000;
    private const ushort OffsetMask = 0x1FFF;

    private readonly ushort _fragment;

    private Ipv4Layout(ReadOnlySpan<byte> header, int networkOffset, int totalLength)
    {
        NetworkOffset = (ushort)networkOffset;
        HeaderLength = (byte)header.Length;
        TotalLength = totalLength;
        Identification = BinaryPrimitives.ReadUInt16BigEndian(header[Ipv4Header.IdentificationOffset..]);
        _fragment = BinaryPrimitives.ReadUInt16BigEndian(header[Ipv4Header.FragmentOffset..]);
        Ttl = header[Ipv4Header.TtlOffset];
        Protocol = header[Ipv4Header.ProtocolOffset];
        Source = Ipv4Address.Read(header[Ipv4Header.SourceOffset..]);
        Destination = Ipv4Address.Read(header[Ipv4Header.DestinationOffset..]);
    }

    public Ipv4Address Source { get; private init; }

    public Ipv4Address Destination { get; private init; }

    public ushort NetworkOffset { get; }

    /// <summary>Bytes of header and payload; an Ethernet frame may be longer by its padding.</summary>
    public int TotalLength { get; }

    /// <summary>Tells the fragments of one packet from those of another (RFC 6864).</summary>
    public ushort Identification { get; private init; }

    /// <summary>Bytes with options, 20 to 60.</summary>
    public byte HeaderLength { get; }

    public byte Ttl { get; }

    /// <summary>One of <see cref="IpProtocol"/>, or another.</summary>
    public byte Protocol { get; }

    public int TransportOffset => NetworkOffset + HeaderLength;

    /// <summary>Bytes behind the header.</summary>
    public int PayloadLength => TotalLength - HeaderLength;

    public bool DontFragment => (_fragment & DontFragmentBit) != 0;

    public bool MoreFragments => (_fragment & MoreFragmentsBit) != 0;

    /// <summary>Where this payload lies in the whole packet's, in bytes.</summary>
    public int FragmentOffset => (_fragment & OffsetMask) * 8;

    public bool IsFragment => (_fragment & (MoreFragmentsBit | OffsetMask)) != 0;

    /// <summary>The packet after a translation: addresses and identification as its header has them now, all else as it was read.</summary>
    /// <param name="head">The first bytes of the frame that it was read from.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Ipv4Layout Rewritten(ReadOnlySpan<byte> head)
    {
        var header = head.Slice(NetworkOffset, Ipv4Header.MinimumSize);
        return this with
        {
            Identification = BinaryPrimitives.ReadUInt16BigEndian(header[Ipv4Header.IdentificationOffset..]),
            Source = Ipv4Address.Read(header[Ipv4Header.SourceOffset..]),
            Destination = Ipv4Address.Read(header[Ipv4Header.DestinationOffset..]),
        };
    }

    /// <summary>
    /// Reads a header: the version, the header whole within <paramref name="head"/>, its checksum right, the packet whole within the frame.
    /// </summary>
    /// <param name="head">The frame's first bytes, from the Ethernet header on.</param>
    /// <param name="networkOffset">Where the packet begins.</param>
    /// <param name="frameLength">Bytes of the whole frame.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> head, int networkOffset, int frameLength, out Ipv4Layout layout)
    {
        layout = default;
        if ((uint)networkOffset > (uint)head.Length || head.Length - networkOffset < Ipv4Header.MinimumSize)
            return false;
        var packet = head[networkOffset..];
        var header = (packet[0] & 15) * 4;
        if (packet[0] >> 4 != 4 || header < Ipv4Header.MinimumSize || header > packet.Length)
            return false;
        int total = BinaryPrimitives.ReadUInt16BigEndian(packet[Ipv4Header.TotalLengthOffset..]);
        // What is longer than the field can say has 0 in it and ends with the frame (BIG TCP, Linux 6.3).
        if (total == 0 && frameLength - networkOffset > ushort.MaxValue)
            total = frameLength - networkOffset;
        if (total < header || total > frameLength - networkOffset || InternetChecksum.Of(packet[..header]) != 0)
            return false;
        layout = new(packet[..header], networkOffset, total);
        return true;
    }
}
