using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services;

/// <summary>A whole packet that came for a <see cref="Service"/>, read and verified, and what answers it.</summary>
public readonly ref struct Request
{
    private Request(Turn turn, InnerPort station, ulong sender, in Ipv4Layout packet, ReadOnlySpan<byte> transport, bool isForAll)
    {
        Turn = turn;
        Station = station;
        Sender = new(sender);
        Packet = packet;
        Transport = transport;
        IsForAll = isForAll;
    }

    public Turn Turn { get; }

    /// <summary>Ours that it came to.</summary>
    public InnerPort Station { get; }

    /// <summary>The port that it came in by: what it uses up counts for that.</summary>
    public Membership Input => Turn.Member;

    /// <summary>The MAC address of its sender, as it stands in the frame.</summary>
    public MacAddress Sender { get; }

    /// <summary>It was sent to everybody, not to us; its sender may have no IP address yet.</summary>
    public bool IsForAll { get; }

    public Ipv4Layout Packet { get; }

    /// <summary>The transport header and what it carries; of UDP as long as that says.</summary>
    public ReadOnlySpan<byte> Transport { get; }

    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(Transport[UdpHeader.SourcePortOffset..]);

    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(Transport[UdpHeader.DestinationPortOffset..]);

    /// <summary>What a UDP datagram carries.</summary>
    public ReadOnlySpan<byte> Payload => Transport[UdpHeader.Size..];

    /// <summary>
    /// Makes a datagram that goes from where this one was sent to back to its sender, who needn't be asked for in ARP. Of one to everybody,
    /// the service says itself where its answer comes from and goes to.
    /// </summary>
    /// <param name="length">Bytes that it carries, at most <see cref="Datagram.MaximumPayload"/>.</param>
    /// <returns>False when the turn has made all that it can.</returns>
    public bool TryAnswer(int length, out Datagram answer) => Datagram.TryMake(Turn, Station, Sender,
        (Packet.Destination, DestinationPort), (Packet.Source, SourcePort), length, out answer);

    /// <summary>
    /// Reads it from a frame; false for what is cut short, contradicts the packet, isn't whole in the frame's head, or carries a wrong
    /// checksum.
    /// </summary>
    internal static bool TryRead(
        Turn turn, InnerPort station, in Frame frame, in Ipv4Layout packet, bool isForAll, out Request request)
    {
        request = default;
        ReadOnlySpan<byte> head = frame.HeadBytes;
        // A super-frame of TCP is a longer segment; of UDP it is several datagrams.
        if ((frame.Offload.IsSuperFrame && packet.Protocol != IpProtocol.Tcp) || packet.NetworkOffset + packet.TotalLength > head.Length)
            return false;
        if (!UdpFrame.TryRead(head, packet, !frame.Offload.NeedsChecksum, out var transport))
            return false;
        request = new(turn, station, frame.Source, packet, transport, isForAll);
        return true;
    }
}
