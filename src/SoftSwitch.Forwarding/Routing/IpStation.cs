using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// A station of ours with an IPv4 address: it finds its neighbors and is found by them (ARP, RFC 826), holds packets while it asks, defends
/// its address (RFC 5227, 2.4), and hands every packet that is addressed to its MAC to <see cref="HandlePacket"/>. Frames with a VLAN tag
/// are none of its business.
/// </summary>
public abstract partial class IpStation : InnerPort
{
    private readonly IcmpErrors _errors = new();
    private readonly MacAddress? _onlyNeighbor;

    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address, which nobody else in the network can claim.</param>
    /// <param name="address">Its address.</param>
    /// <param name="subnet">The subnet on this link.</param>
    /// <param name="mtu">The longest packet on this link, in bytes.</param>
    /// <param name="workers">Workers there will be.</param>
    /// <param name="onlyNeighbor">Who is at the other end, where that is certain: nobody is asked then.</param>
    protected IpStation(string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, MacAddress? onlyNeighbor = null)
        : base(name, mac, mtu, workers)
    {
        Mac = mac;
        Address = address;
        Subnet = subnet;
        Neighbors = new(subnet);
        _onlyNeighbor = onlyNeighbor;
        _sending = [.. Enumerable.Range(0, workers).Select(_ => new List<(Ipv4Address, MacAddress)>(16))];
    }

    public MacAddress Mac { get; }

    public Ipv4Address Address { get; }

    public Ipv4Subnet Subnet { get; }

    public NeighborTable Neighbors { get; }

    /// <summary>The address is ours alone: we answer for it and defend it. Where it is shared, the host's kernel does.</summary>
    protected abstract bool OwnsAddress { get; }

    public sealed override void Handle(Turn turn, FrameSet own, FrameSet heard)
    {
        // Alone, a frame gains nothing by having its flow looked for twice.
        if (own.Count > 1)
            Prefetch(turn.Burst, own);
        foreach (var index in own | heard)
        {
            ref var frame = ref turn.Burst[index];
            if (frame.PacketOffset == EthernetHeader.Size && frame.EtherType == EtherType.Arp)
                HearArp(turn, ref frame);
            else if (!own.Contains(index))
                continue;
            else if (frame.PacketOffset != EthernetHeader.Size || frame.EtherType != EtherType.Ipv4)
                frame.Drop = DropReason.NotRouted;
            else
                frame.Drop = HandleIpv4(turn, index, ref frame);
        }
    }

    private DropReason HandleIpv4(Turn turn, int index, ref Frame frame)
    {
        // Who routes or answers sees all of an ordinary frame.
        frame.Pull(Burst.HeadCapacity);
        if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
            return DropReason.PacketMalformed;
        // What stands behind the packet is the Ethernet's, not the packet's: it is not carried into another network.
        var end = frame.PacketOffset + packet.TotalLength;
        frame.Trim(end);
        return IsOffloadWithin(frame, end) ? HandlePacket(turn, index, ref frame, packet) : DropReason.OffloadInvalid;
    }

    /// <summary>Admission has held the offload header against the frame; the packet may be shorter.</summary>
    private static bool IsOffloadWithin(in Frame frame, int end) => !frame.Offload.NeedsChecksum
        || (frame.Offload.ChecksumStart + frame.Offload.ChecksumOffset + 2 <= end && (!frame.Offload.IsSuperFrame || frame.PayloadOffset < end));

    /// <summary>
    /// Announces the address where that is due; gives up packets whose neighbor didn't answer and tells their senders, asks again for the
    /// others, as those that wait for them may.
    /// </summary>
    public override void Tick(Turn turn)
    {
        if (_announcements > 0 && OwnsAddress)
        {
            _announcements--;
            Announce(turn);
        }
        foreach (var (neighbor, input) in _held.Waiting())
        {
            switch (Neighbors.Resolve(neighbor, turn.Now, out var mac))
            {
                case Resolution.HoldAndAsk:
                    // Where this port may not ask any more, the next one that waits for the neighbor may.
                    Ask(turn, input!, neighbor);
                    break;
                case Resolution.Unreachable:
                    GiveUp(turn, neighbor);
                    break;
                case Resolution.Send or Resolution.SendAndAsk:
                    Release(turn, neighbor, mac);
                    break;
            }
        }
        while (_held.TryTakeExpired(turn.Now, out var held))
        {
            // Its neighbor isn't dead: it wasn't asked often enough, or more waits for it than turns could send.
            CountUnsaid(turn.Worker, DropReason.NeighborQueueFull);
            HeldFrames.Return(held);
        }
        Neighbors.Sweep(turn.Now);
    }

    /// <summary>Brings what the frames' packets will need into the cache, so that its misses hide behind each other.</summary>
    protected abstract void Prefetch(Burst burst, FrameSet frames);

    /// <summary>Takes a packet that was addressed to this station's MAC.</summary>
    /// <returns>Why it goes no further, if it doesn't.</returns>
    protected abstract DropReason HandlePacket(Turn turn, int index, ref Frame frame, in Ipv4Layout packet);

    /// <summary>
    /// Sends a packet to a neighbor on this station's link, or holds it until the neighbor has answered. Where that has failed, its sender
    /// is told, if it is the turn's
    /// <see cref="Turn.Origin"/>.
    /// </summary>
    internal DropReason SendTo(Turn turn, Burst source, int index, Ipv4Address neighbor)
    {
        ref var frame = ref source[index];
        if (_onlyNeighbor is { } only)
        {
            AddressTo(ref frame, only);
            turn.Send(source, index, this);
            return DropReason.None;
        }
        var resolution = Neighbors.Resolve(neighbor, turn.Now, out var mac);
        if (resolution is Resolution.SendAndAsk or Resolution.HoldAndAsk)
            Ask(turn, turn.Input, neighbor);
        switch (resolution)
        {
            case Resolution.Send or Resolution.SendAndAsk:
                // What has waited goes first.
                if (_held.Any && !Release(turn, neighbor, mac))
                {
                    var drop = Keep(turn, source, frame, neighbor);
                    // The worker that was sending may have ended before it could see this one.
                    Release(turn, neighbor, mac);
                    return drop;
                }
                AddressTo(ref frame, mac);
                turn.Send(source, index, this);
                return DropReason.None;
            case Resolution.Unreachable:
                GiveUp(turn, neighbor);
                if (source == turn.Burst)
                    turn.Origin.ReportLost(turn, frame.HeadBytes);
                return DropReason.NeighborUnreachable;
            default:
                return Keep(turn, source, frame, neighbor);
        }
    }

    /// <summary>A packet to this neighbor would only wait to be dropped.</summary>
    internal bool HasLost(Ipv4Address neighbor, Instant now) => _onlyNeighbor is null && Neighbors.HasFailed(neighbor, now);

    /// <summary>Tells a packet's sender, who is on this station's link, why it goes no further (RFC 792).</summary>
    internal void Report(Turn turn, in Frame frame, in Ipv4Layout packet, byte type, byte code, ushort mtu = 0) =>
        _errors.Send(turn, this, frame.HeadBytes, frame.Source, turn.Input, packet, type, code, mtu);

    internal sealed override void ReportLost(Turn turn, Origin origin, ReadOnlySpan<byte> head)
    {
        if (Ipv4Layout.TryRead(head, EthernetHeader.Size, int.MaxValue, out var packet))
            _errors.Send(turn, this, head, origin.Sender, origin.Input!, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Host, mtu: 0);
    }

    /// <summary>Answers an echo request to this station by turning it around. Fragments of one are turned around one by one: together they
    /// are the answer.</summary>
    /// <param name="source">The burst that the frame is in.</param>
    protected DropReason Echo(Turn turn, Burst source, int index, ref Frame frame, in Ipv4Layout packet)
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
    protected static bool IsEcho(in Frame frame, in Ipv4Layout packet) => packet is { Protocol: IpProtocol.Icmp, FragmentOffset: 0 }
        && frame.HeadLength >= packet.TransportOffset + IcmpHeader.Size && frame.HeadBytes[packet.TransportOffset] == IcmpType.Echo;

    private void AddressTo(ref Frame frame, MacAddress destination)
    {
        destination.Write(frame.HeadBytes);
        Mac.Write(frame.HeadBytes[MacAddress.Size..]);
    }
}
