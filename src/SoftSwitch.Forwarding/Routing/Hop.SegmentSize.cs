using System.Buffers.Binary;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>Keeps TCP from choosing segments that don't fit the way.</summary>
internal static partial class Hop
{
    /// <summary>A packet says how long segments may be.</summary>
    public static bool HasSegmentSize(in Frame frame, in Ipv4Layout packet)
    {
        if (packet.Protocol != IpProtocol.Tcp || packet.FragmentOffset != 0)
            return false;
        var tcp = frame.HeadBytes[packet.TransportOffset..];
        return tcp.Length >= TcpHeader.MinimumSize && ((TcpFlags)tcp[TcpHeader.FlagsOffset] & TcpFlags.Syn) != 0;
    }

    /// <summary>Lowers the option of a SYN to what fits packets of <paramref name="mtu"/> bytes (RFC 9293, 3.7.1; RFC 4787 and 6691 leave
    /// that to routers).</summary>
    public static void ClampSegmentSize(ref Frame frame, in Ipv4Layout packet, int mtu)
    {
        if (!HasSegmentSize(frame, packet))
            return;
        var tcp = frame.HeadBytes[packet.TransportOffset..];
        var length = TcpHeader.LengthOf(tcp);
        if (length < TcpHeader.MinimumSize || length > tcp.Length || length > packet.PayloadLength)
            return;
        var options = tcp[TcpHeader.OptionsOffset..length];
        var at = TcpOption.Find(options, TcpOption.MaximumSegmentSize, 4);
        var most = (ushort)(mtu - Ipv4Header.MinimumSize - TcpHeader.MinimumSize);
        if (at < 0)
            return;
        var value = options.Slice(at + 2, 2);
        var before = BinaryPrimitives.ReadUInt16BigEndian(value);
        if (before <= most)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(value, most);
        // A partial checksum doesn't hold the options yet.
        if (frame.Offload.NeedsChecksum)
            return;
        var delta = ChecksumDelta.Of(before, most);
        // At an odd offset the two octets of the value belong to two words, swapped.
        if ((at & 1) != 0)
            delta = new(BinaryPrimitives.ReverseEndianness(delta.Value));
        delta.ApplyTo(tcp[TcpHeader.ChecksumOffset..]);
    }
}
