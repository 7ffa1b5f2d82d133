using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations;

/// <summary>
/// What a station does with IPv4: reads a packet once, answers what is for itself (echo, services, RFC 1122, 3.2.2), and hands the rest to
/// whoever routes.
/// </summary>
public partial class Station
{
    private DropReason TakeIpv4(Turn turn, int index, ref Frame frame)
    {
        // Who routes or answers sees all of an ordinary frame.
        frame.Pull(Burst.HeadCapacity);
        if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
            return DropReason.PacketMalformed;
        if (packet.HeaderLength > Ipv4Header.MinimumSize && RefusalOf(frame.HeadBytes, packet) is var refused and not DropReason.None)
            return refused;
        // What stands behind the packet is the Ethernet's, not the packet's: it is not carried into another network.
        var end = frame.PacketOffset + packet.TotalLength;
        frame.Trim(end);
        return IsOffloadWithin(frame, end) ? TakePacket(turn, index, ref frame, packet) : DropReason.OffloadInvalid;
    }

    /// <summary>
    /// Of packets with options. By a source route the sender would choose its own way: past a translator, which knows one destination only,
    /// or to a neighbor of ours in our name. It would show in the record of a route what is inside. RFC 7126 advises routers to drop them
    /// (4.3 to 4.5), and hosts that are asked by them do no better.
    /// </summary>
    private static DropReason RefusalOf(ReadOnlySpan<byte> head, in Ipv4Layout packet)
    {
        var options = new Ipv4Options(head[(packet.NetworkOffset + Ipv4Header.MinimumSize)..packet.TransportOffset]);
        while (options.Next())
        {
            if (options.Kind is Ipv4Options.LooseSourceRoute or Ipv4Options.StrictSourceRoute or Ipv4Options.RecordRoute)
                return DropReason.SourceRouted;
        }
        return options.AreBroken ? DropReason.PacketMalformed : DropReason.None;
    }

    /// <summary>Admission has held the offload header against the frame; the packet may be shorter.</summary>
    private static bool IsOffloadWithin(in Frame frame, int end) => !frame.Offload.NeedsChecksum
        || (frame.Offload.ChecksumStart + frame.Offload.ChecksumOffset + 2 <= end
            && (!frame.Offload.IsSuperFrame || frame.PayloadOffset < end));

    /// <summary>Reads a frame that others get too, and which may be for a service here.</summary>
    private void Overhear(Turn turn, ServiceTable services, ref Frame frame)
    {
        if (frame.EtherType != EtherType.Ipv4 || frame.Destination != MacAddress.Broadcast.Value)
            return;
        frame.Pull(Burst.HeadCapacity);
        if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet)
            || (packet.Destination != Ipv4Address.Broadcast && packet.Destination != Subnet.Broadcast))
            return;
        // The frame goes on to the others: what isn't taken of it is an answer that isn't said.
        if (services.TryTake(turn, this, frame, packet, isForAll: true, out var drop) && drop != DropReason.None)
            CountUnsaid(turn.Worker, drop);
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
        IpProtocol.Udp or IpProtocol.Tcp =>
            _services is { } services && services.TryTake(turn, this, frame, packet, isForAll: false, out var drop)
                ? drop
                : Refuse(turn, frame, packet, Refusal.NoPort),
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
        // Who asks may send more than he can receive. The answer is ours, and ours to be fragmented.
        frame.AllowFragments();
        if (frame.LongestPacket > SmallestMtu)
            ip[Ipv4Header.FragmentOffset] &= unchecked((byte)~Ipv4Header.DontFragment);
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
}
