using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// The outer end of translating networks: a station on the link that leads out, with the address that the world sees, and the translator
/// behind it. What comes in for that address is translated and handed to the gateway of the network that it belongs to; what belongs to
/// none is left to whoever shares the address, or dropped in silence (RFC 4787, REQ-8). The way to the host itself is another one of these,
/// on a link whose only neighbor is the host.
/// </summary>
public sealed partial class Outside : Station
{
    private volatile NextHops _nextHops;
    private volatile WaitingForwards _waiting = WaitingForwards.None;
    private volatile InsideNetworks _inside = InsideNetworks.None;

    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address: the NIC's, or one of its own.</param>
    /// <param name="address">Its address: the host's, or one of its own.</param>
    /// <param name="subnet">The subnet on the link.</param>
    /// <param name="mtu">The link's.</param>
    /// <param name="workers">Workers there will be.</param>
    /// <param name="translator">With the same address.</param>
    /// <param name="ownsAddress">The address is nobody else's: ARP and echo requests for it are answered here.</param>
    /// <param name="nextHops">Where packets go from the link.</param>
    /// <param name="onlyNeighbor">Who is at the other end, where that is certain.</param>
    public Outside(string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, Napt translator, bool ownsAddress,
        NextHops nextHops, MacAddress? onlyNeighbor = null)
        : base(name, mac, address, subnet, mtu, workers, ownsAddress, areGuests: false, onlyNeighbor)
    {
        Translator = translator;
        _nextHops = nextHops;
    }

    public Napt Translator { get; }

    /// <summary>Where packets go from the link. The control plane replaces it when the host's routes change.</summary>
    public NextHops NextHops
    {
        set => _nextHops = value;
    }

    /// <summary>The forwards that lead nowhere yet. Replaced whole by the control plane.</summary>
    public WaitingForwards Waiting
    {
        set => _waiting = value;
    }

    /// <summary>The networks behind it. Replaced whole by the control plane.</summary>
    public InsideNetworks Inside
    {
        internal get => _inside;
        set => _inside = value;
    }

    internal bool TryFindNext(Ipv4Address destination, out Ipv4Address neighbor) => _nextHops.TryFind(destination, out neighbor);

    /// <summary>
    /// A packet to the address that we share is ours, and not the host's: by its port, or that of the packet that it is an error about. Of
    /// a later fragment that isn't known.
    /// </summary>
    internal bool Translates(in Frame frame, in Ipv4Layout packet)
    {
        var transport = frame.HeadBytes[packet.TransportOffset..];
        if (transport.Length < UdpHeader.Size)
            return false;
        if (packet.Protocol != IpProtocol.Icmp)
        {
            var port = BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.DestinationPortOffset..]);
            return Translator.Claims(packet.Protocol, port) || _waiting.Contains(packet.Protocol, port, out _);
        }
        if (!IcmpHeader.IsError(transport[IcmpHeader.TypeOffset]) || transport.Length < IcmpHeader.InnerOffset + Ipv4Header.MinimumSize)
            return false;
        var inner = transport[IcmpHeader.InnerOffset..];
        var header = (inner[0] & 15) * 4;
        return inner.Length >= header + UdpHeader.Size
            && Translator.Claims(inner[Ipv4Header.ProtocolOffset], BinaryPrimitives.ReadUInt16BigEndian(inner[(header + UdpHeader.SourcePortOffset)..]));
    }

    /// <summary>A packet to a port that is forwarded to somebody whose address isn't known yet. Of a later fragment that isn't
    /// known.</summary>
    /// <param name="inVain">Everybody who could have it was asked.</param>
    internal bool Waits(in Frame frame, in Ipv4Layout packet, out bool inVain)
    {
        inVain = false;
        if (_waiting == WaitingForwards.None || packet.FragmentOffset != 0)
            return false;
        var transport = frame.HeadBytes[packet.TransportOffset..];
        if (transport.Length < UdpHeader.Size)
            return false;
        var port = BinaryPrimitives.ReadUInt16BigEndian(transport[UdpHeader.DestinationPortOffset..]);
        return _waiting.Contains(packet.Protocol, port, out inVain);
    }

    /// <summary>Brings the flows of packets into the cache, in two steps for all.</summary>
    /// <param name="policy">The network that they come from; null: from outside.</param>
    [SkipLocalsInit]
    internal void PrefetchFlows(Burst burst, FrameSet frames, int? policy)
    {
        Span<ulong> hints = stackalloc ulong[Burst.Capacity];
        var count = 0;
        foreach (var index in frames)
        {
            ref var frame = ref burst[index];
            hints[count++] = policy is { } network ? Translator.PrefetchOutbound(frame, network) : Translator.PrefetchInbound(frame);
        }
        foreach (var hint in hints[..count])
            Translator.Prefetch(hint);
    }

    private protected override void Prefetch(Burst burst, FrameSet frames) => PrefetchFlows(burst, frames, policy: null);

    private protected override DropReason TakePacket(Turn turn, int index, ref Frame frame, in Ipv4Layout packet)
    {
        if (packet.Destination != Address)
            return DropReason.NoFlow;
        // RFC 1812, 5.3.8: nobody outside has an address of ours or of the insides.
        if (!packet.Source.IsUnicast || packet.Source.IsLinkLocal || packet.Source == Address || IsLinkBroadcast(packet.Source)
            || _inside.Contains(packet.Source))
            return DropReason.SourceForged;
        turn.Origin.Note(this, frame, turn.Input);
        var drop = Receive(turn, turn.Burst, index, ref frame, packet, Mtu);
        if (drop == DropReason.NatProtocol)
            return RefuseProtocol(turn, frame, packet);
        if (drop != DropReason.NoFlow)
            return drop;
        if (Waits(frame, packet, out var inVain))
        {
            // As a router says of a host that doesn't answer (RFC 1812, 5.2.7.1); while it is still being asked for, a client that
            // tries again may get through.
            if (inVain)
                Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Host);
            return DropReason.ForwardWaits;
        }
        return Answer(turn, turn.Burst, index, ref frame, packet);
    }

    /// <summary>What is no flow's is for the station itself, which answers echo requests where the address is its own.</summary>
    private DropReason Answer(Turn turn, Burst source, int index, ref Frame frame, in Ipv4Layout packet) =>
        OwnsAddress && packet.Protocol == IpProtocol.Icmp ? Echo(turn, source, index, ref frame, packet) : DropReason.NoFlow;

    /// <summary>Nothing here takes a protocol without ports. Where the address is the host's, the host may.</summary>
    private DropReason RefuseProtocol(Turn turn, in Frame frame, in Ipv4Layout packet)
    {
        if (!OwnsAddress)
            return DropReason.NoFlow;
        Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.Protocol);
        return DropReason.NatProtocol;
    }

    /// <summary>Takes a packet to the outside address. The source of one that turns around here is translated already.</summary>
    internal DropReason Receive(Turn turn, Burst source, int index, ref Frame frame, in Ipv4Layout packet, int fromMtu)
    {
        // A later fragment has nobody to be told about, and may have to wait. One of an echo request to us is at its end here.
        if (packet is { Ttl: <= 1, FragmentOffset: > 0 } && !(OwnsAddress && packet.Protocol == IpProtocol.Icmp))
            return DropReason.TtlExceeded;
        var verdict = Translator.Inbound(ref frame, packet, turn.Now, turn.ReleasedIn, out var policy);
        if (verdict == NaptVerdict.Held)
            return DropReason.None;
        if (verdict == NaptVerdict.NotOurs)
        {
            if (packet.IsFragment)
                AnswerReleased(turn);
            return DropReason.NoFlow;
        }
        if (verdict != NaptVerdict.Translated)
            return frame.Drop;
        if (_inside[policy] is not { } gateway)
        {
            DropReleased(turn, DropReason.NoRoute);
            return DropReason.NoRoute;
        }
        if (Error(frame, packet, gateway.Mtu) is var drop and not DropReason.None)
        {
            // An error must quote the packet as it came, and whether it is one of ours shows only when it has been translated.
            if (source == turn.Burst)
                turn.Origin.Restore(frame.HeadBytes);
            if (drop == DropReason.TtlExceeded)
                Report(turn, frame, packet, IcmpType.TimeExceeded, 0);
            else
                Report(turn, frame, packet, IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded, (ushort)gateway.Mtu);
            DropReleased(turn, drop);
            return drop;
        }

        var delivered = gateway.Deliver(turn, source, index, packet.Rewritten(frame.HeadBytes), fromMtu);
        while (TryRestore(turn, turn.ReleasedIn, out var made, out var released, out var fragment))
            CountDrop(turn, gateway.Deliver(turn, made, released, fragment, fromMtu));
        return delivered;
    }

    private static DropReason Error(in Frame frame, in Ipv4Layout packet, int mtu) =>
        packet.Ttl <= 1 ? DropReason.TtlExceeded
        : frame.LongestPacket > mtu && (packet.DontFragment || frame.Offload.IsSuperFrame) ? DropReason.FragmentationNeeded
        : DropReason.None;

    /// <summary>All stations on the link (RFC 1812, 4.2.2.11), who are no sender.</summary>
    private bool IsLinkBroadcast(Ipv4Address address) => Subnet.PrefixLength < 31 && address == Subnet.Broadcast;

    private void CountDrop(Turn turn, DropReason drop)
    {
        if (drop != DropReason.None)
            CountUnsaid(turn.Worker, drop);
    }
}
