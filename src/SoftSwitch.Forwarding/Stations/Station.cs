using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations;

/// <summary>
/// A station of ours in a network: a MAC and an IPv4 address; an IPv6 address will be the other of the pair. What comes for it is looked at
/// once, and belongs to one of these:
/// <code>
///   ARP                      its neighbors (Ipv4Neighbors), also when everybody hears it
///   IPv4, to its address     echo is answered, the rest refused
///   IPv4, to another         the router, where it is one (Gateway, Outside): a station alone routes nothing
///   IPv6                     nobody yet. Its neighbors will stand beside those of IPv4, and its packets go the same way
///   all else, VLAN tags      none of its business
/// </code>
/// The packet that was read here is handed on: nobody reads its header again. Errors that the station says count for the port that a packet
/// came in by.
/// </summary>
public class Station : InnerPort
{
    private readonly IcmpErrors _errors = new();

    /// <summary>A station among guests that is no router.</summary>
    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address, which nobody else in the network can claim.</param>
    /// <param name="address">Its address.</param>
    /// <param name="subnet">The subnet on this link.</param>
    /// <param name="mtu">The longest packet on this link, in bytes.</param>
    /// <param name="workers">Workers there will be.</param>
    public Station(string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers)
        : this(name, mac, address, subnet, mtu, workers, ownsAddress: true, areGuests: true, onlyNeighbor: null)
    {
    }

    /// <inheritdoc cref="Station(string, MacAddress, Ipv4Address, Ipv4Subnet, int, int)"/>
    /// <param name="ownsAddress">The address is ours alone: we answer for it and defend it. Where it is shared, the host does.</param>
    /// <param name="areGuests">The neighbors are guests, who may lie: each is believed what it says of itself.</param>
    /// <param name="onlyNeighbor">Who is at the other end, where that is certain: nobody is asked then.</param>
    private protected Station(
        string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, bool ownsAddress, bool areGuests,
        MacAddress? onlyNeighbor) : base(name, mac, mtu, workers)
    {
        Address = address;
        Subnet = subnet;
        OwnsAddress = ownsAddress;
        Ipv4Neighbors = new(this, address, subnet, workers, ownsAddress, areGuests, onlyNeighbor);
    }

    public Ipv4Address Address { get; }

    public Ipv4Subnet Subnet { get; }

    public Ipv4Neighbors Ipv4Neighbors { get; }

    private protected bool OwnsAddress { get; }

    /// <summary>Says its addresses again with the next ticks: for neighbors that weren't there before.</summary>
    public void AnnounceAgain() => Ipv4Neighbors.AnnounceAgain();

    public sealed override void Handle(Turn turn, FrameSet own, FrameSet heard)
    {
        // Alone, a frame gains nothing by having its flow looked for twice.
        if (own.Count > 1)
            Prefetch(turn.Burst, own);
        foreach (var index in own | heard)
        {
            ref var frame = ref turn.Burst[index];
            if (frame.PacketOffset == EthernetHeader.Size && frame.EtherType == EtherType.Arp)
                Ipv4Neighbors.Hear(turn, frame);
            else if (!own.Contains(index))
                continue;
            else if (frame.PacketOffset == EthernetHeader.Size && frame.EtherType == EtherType.Ipv4)
                frame.Drop = TakeIpv4(turn, index, ref frame);
            else
                frame.Drop = DropReason.NotRouted;
        }
    }

    public sealed override void Tick(Turn turn) => Ipv4Neighbors.Tick(turn);

    internal sealed override bool TrySettle(Turn turn, bool leavesRest) => Ipv4Neighbors.TrySettle(turn, leavesRest);

    internal sealed override void ReportLost(Turn turn, Origin origin, ReadOnlySpan<byte> head)
    {
        // The frame has become another since it was read: this is a copy of what it was.
        if (Ipv4Layout.TryRead(head, EthernetHeader.Size, int.MaxValue, out var packet))
            _errors.Send(turn, this, head, origin.Sender, origin.Input!, packet, Refusal.NeighborLost);
    }

    /// <summary>Brings what the frames' packets will need into the cache, so that its misses hide behind each other.</summary>
    private protected virtual void Prefetch(Burst burst, FrameSet frames)
    {
    }

    /// <summary>Takes a packet that was addressed to this station's MAC.</summary>
    /// <returns>Why it goes no further, if it doesn't.</returns>
    private protected virtual DropReason TakePacket(Turn turn, int index, ref Frame frame, in Ipv4Layout packet) =>
        !IsNeighbor(packet.Source) ? DropReason.SourceOutsideSubnet
        : packet.Destination != Address ? DropReason.NotRouted
        : TakeOwn(turn, index, ref frame, packet);

    /// <summary>An address that a neighbor on this link can have.</summary>
    private protected bool IsNeighbor(Ipv4Address address) =>
        Subnet.Contains(address) && address != Address && address != Subnet.Address && address != Subnet.Broadcast;

    /// <summary>Takes a packet to the station itself.</summary>
    private protected DropReason TakeOwn(Turn turn, int index, ref Frame frame, in Ipv4Layout packet) => packet.Protocol switch
    {
        IpProtocol.Icmp => Echo(turn, turn.Burst, index, ref frame, packet),
        IpProtocol.Udp or IpProtocol.Tcp => Refuse(turn, frame, packet, Refusal.NoPort),
        _ => Refuse(turn, frame, packet, Refusal.NoProtocol),
    };

    /// <summary>Answers an echo request to this station by turning it around. Fragments of one are turned around one by one: together they
    /// are the answer.</summary>
    /// <param name="source">The burst that the frame is in.</param>
    internal DropReason Echo(Turn turn, Burst source, int index, ref Frame frame, in Ipv4Layout packet)
    {
        var ip = frame.HeadBytes[packet.NetworkOffset..];
        if (packet.FragmentOffset == 0)
        {
            if (!IsEcho(frame, packet))
                return DropReason.NotRouted;
            var icmp = frame.HeadBytes[packet.TransportOffset..];
            icmp[IcmpHeader.TypeOffset] = IcmpType.EchoReply;
            ChecksumDelta.Of(IcmpType.Echo << 8, IcmpType.EchoReply << 8).ApplyTo(icmp[IcmpHeader.ChecksumOffset..]);
        }
        packet.Source.Write(ip[Ipv4Header.DestinationOffset..]);
        packet.Destination.Write(ip[Ipv4Header.SourceOffset..]);
        ip[Ipv4Header.TtlOffset] = Ipv4Header.DefaultTtl;
        Ipv4Header.WriteChecksum(ip[..packet.HeaderLength]);
        AddressTo(ref frame, MacAddress.Read(frame.HeadBytes[MacAddress.Size..]));
        turn.Send(source, index, this);
        return DropReason.None;
    }

    /// <summary>A whole echo request, or the first fragment of one.</summary>
    internal static bool IsEcho(in Frame frame, in Ipv4Layout packet) => packet is { Protocol: IpProtocol.Icmp, FragmentOffset: 0 }
        && frame.HeadLength >= packet.TransportOffset + IcmpHeader.Size && frame.HeadBytes[packet.TransportOffset] == IcmpType.Echo;

    /// <summary>Tells a packet's sender, who is on this station's link, why it goes no further, where that is told.</summary>
    internal DropReason Refuse(Turn turn, in Frame frame, in Ipv4Layout packet, Refusal refusal)
    {
        if (refusal.IsTold)
            _errors.Send(turn, this, frame.HeadBytes, frame.Source, turn.Input, packet, refusal);
        return refusal.Reason;
    }

    private DropReason TakeIpv4(Turn turn, int index, ref Frame frame)
    {
        // Who routes or answers sees all of an ordinary frame.
        frame.Pull(Burst.HeadCapacity);
        if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
            return DropReason.PacketMalformed;
        // What stands behind the packet is the Ethernet's, not the packet's: it is not carried into another network.
        var end = frame.PacketOffset + packet.TotalLength;
        frame.Trim(end);
        return IsOffloadWithin(frame, end) ? TakePacket(turn, index, ref frame, packet) : DropReason.OffloadInvalid;
    }

    /// <summary>Admission has held the offload header against the frame; the packet may be shorter.</summary>
    private static bool IsOffloadWithin(in Frame frame, int end) => !frame.Offload.NeedsChecksum
        || (frame.Offload.ChecksumStart + frame.Offload.ChecksumOffset + 2 <= end
            && (!frame.Offload.IsSuperFrame || frame.PayloadOffset < end));
}
