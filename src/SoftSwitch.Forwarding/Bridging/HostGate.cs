using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Stands between a network and the host's own stack: the host is not a guest's router, nor a way to its guests, whatever
/// <c>ip_forward</c>, <c>rp_filter</c> and <c>route_localnet</c> say. Bytes in, verdict out; each fragment has an IP header and is judged
/// by it.
/// <code>
///   on an interface of ours       to the host                                   from the host
///     IPv4    from                a neighbor in the subnet, or 0.0.0.0 to all   an address of the host there, or 0.0.0.0
///             to                  an address of the host there, group, all      anybody
///     ARP     about               addresses of the subnet                       addresses of the host there
///     IPv6    from                link-local, the subnet, or :: to a group      link-local, an address of the host there, or ::
///             to                  link-local, such an address, group of a link  anybody
///     ICMP                        no router advertisements, no redirects        anything
///     DHCP                        only what answers the host (a lease is its    anything
///                                 own business where the file gives no address)
///     others, VLANs               nothing                                       anything
///   on the LAN, by its own NIC    anything but 127/8, ::1, and routers          anything
/// </code>
/// What stations of ours say (a gateway) was judged where it was routed: its sources may be from anywhere, and it is no guest.
/// <para>One object a port of the host. The control plane replaces the rules, all workers ask.</para>
/// </summary>
public sealed class HostGate
{
    /// <summary>What is read of an IPv4 packet: a header with all options, and what tells DHCP behind it. Most of IPv6 has less.</summary>
    private const int HeaderBytes = Ipv4Header.MaximumSize + AwaitedLease.Size;

    private readonly AwaitedLease _lease = new();

    private volatile HostRules _rules = HostRules.NoAddress;
    private volatile Ipv6Clients? _ipv6Clients;

    /// <summary>What holds now. Replaced whole by the control plane.</summary>
    public HostRules Rules
    {
        get => _rules;
        set => _rules = value;
    }

    /// <summary>The host's programs that speak IPv6 to a station of ours that has none; null: there are none. What they say passes, and
    /// what is said to them, and is translated here.</summary>
    public Ipv6Clients? Ipv6Clients
    {
        get => _ipv6Clients;
        set => _ipv6Clients = value;
    }

    /// <summary>Stations behind the port are known before they speak: what is for somebody unknown is not for the host.</summary>
    internal bool IsForHostAlone => !_rules.IsOnLan;

    /// <summary>Judges a frame that goes to the host.</summary>
    /// <param name="isOurs">A station of ours says it.</param>
    public DropReason ToHost(ref Frame frame, bool isOurs)
    {
        var rules = _rules;
        if (!rules.IsOnLan && frame.IsInVlan)
            return DropReason.NotHeardByHost;
        switch (frame.EtherType)
        {
            case EtherType.Arp:
                frame.Pull(frame.PacketOffset + ArpMessage.Size);
                return ArpToHost(frame, rules, isOurs);
            case EtherType.Ipv4:
                frame.Pull(frame.PacketOffset + HeaderBytes);
                return Ipv4ToHost(ref frame, rules, isOurs);
            case EtherType.Ipv6:
                return Ipv6ToHost(ref frame, rules, isOurs);
            case EtherType.Vlan or EtherType.ServiceVlan:
                // More tags than were looked through. The kernel takes off any number of those that name no VLAN.
                return DropReason.NotHeardByHost;
            default:
                return rules.IsOnLan ? DropReason.None : DropReason.NotHeardByHost;
        }
    }

    /// <summary>Judges frames that the host says; those that go no further get their drop reason.</summary>
    internal void FromHost(Burst burst, FrameSet frames)
    {
        if (_rules.IsOnLan)
            return;
        foreach (var i in frames)
        {
            ref var frame = ref burst[i];
            if (frame.Drop == DropReason.None)
                frame.Drop = FromHost(ref frame);
        }
    }

    /// <summary>Judges a frame that the host says.</summary>
    public DropReason FromHost(ref Frame frame)
    {
        var (rules, at) = (_rules, frame.PacketOffset);
        if (rules.IsOnLan)
            return DropReason.None;
        frame.Pull(at + Ipv6Header.Size);
        switch (frame.EtherType)
        {
            case EtherType.Arp:
                return ArpMessage.TryRead(frame.HeadBytes[at..], out var message) && !MaySay(rules, message.SenderAddress)
                    ? DropReason.RoutedByHost : DropReason.None;
            case EtherType.Ipv4:
                if (frame.HeadLength - at < Ipv4Header.MinimumSize)
                    return DropReason.RoutedByHost;
                var sender = Ipv4Address.Read(frame.HeadBytes[(at + Ipv4Header.SourceOffset)..]);
                if (sender.Value == 0 && rules.TakesLease)
                    HearQuestion(ref frame);
                return MaySay(rules, sender) ? DropReason.None : DropReason.RoutedByHost;
            case EtherType.Ipv6 when _ipv6Clients is { } clients && clients.AreFrom(ref frame):
                return clients.ToIpv4(ref frame);
            case EtherType.Ipv6:
                return frame.HeadLength - at >= Ipv6Header.Size
                    && Ipv6Address.Read(frame.HeadBytes[(at + Ipv6Header.SourceOffset)..]) is var source
                    && (source.IsUnspecified || rules.IsOwn(source)) ? DropReason.None : DropReason.RoutedByHost;
            default:
                return DropReason.None;
        }
    }

    private void HearQuestion(ref Frame frame)
    {
        frame.Pull(frame.PacketOffset + HeaderBytes);
        if (Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
            _lease.Hear(frame, packet);
    }

    private static bool MaySay(HostRules rules, Ipv4Address source) => source.Value == 0 || rules.IsOwn(source);

    private static DropReason ArpToHost(in Frame frame, HostRules rules, bool isOurs)
    {
        // The kernel also hears messages that name another kind of hardware.
        if (!ArpMessage.TryRead(frame.HeadBytes[frame.PacketOffset..], out var message))
            return DropReason.PacketMalformed;
        var (from, about) = (message.SenderAddress, message.TargetAddress);
        if (from.IsLoopback || about.IsLoopback)
            return DropReason.LoopbackAddress;
        // Who is offered an address asks whether somebody has it (RFC 5227, 2.1.1), and is told so. The kernel answers no answer.
        if (rules.IsOnLan || (rules.TakesLease && message.Operation == ArpMessage.Reply && about.Value == 0))
            return DropReason.None;
        if (!isOurs && from.Value != 0 && !IsGuests(rules, from))
            return DropReason.SourceOutsideSubnet;
        // The kernel answers for any address of the host, on whichever interface it is.
        return rules.IsOwn(about) || rules.IsNeighbor(about) ? DropReason.None : DropReason.NotForHost;
    }

    private DropReason Ipv4ToHost(ref Frame frame, HostRules rules, bool isOurs)
    {
        if (!Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet))
            return DropReason.PacketMalformed;
        var (from, to) = (packet.Source, packet.Destination);
        if (from.IsLoopback || to.IsLoopback)
            return DropReason.LoopbackAddress;
        if (isOurs && _ipv6Clients is { } clients && clients.AreMeant(frame, packet))
            return clients.ToIpv6(ref frame, packet);
        if (!isOurs && !rules.TakesRoutes && packet is { Protocol: IpProtocol.Icmp, FragmentOffset: 0, PayloadLength: > 0 }
            && frame.HeadBytes[packet.TransportOffset] is IcmpType.Redirect or IcmpType.RouterAdvertisement)
            return DropReason.RouterPretended;
        if (rules.IsOnLan)
            return DropReason.None;
        if (packet.HeaderLength > Ipv4Header.MinimumSize && IsSourceRouted(frame, packet))
            return DropReason.SourceRouted;
        if (!isOurs && AwaitedLease.IsForClient(frame, packet))
        {
            if (!rules.TakesLease)
                return DropReason.RouterPretended;
            if (_lease.IsAnsweredBy(frame, packet))
                return DropReason.None;
        }
        var isForAll = to.IsMulticast || rules.IsBroadcast(to);
        if (!isOurs && !IsGuests(rules, from) && !(isForAll && from.Value == 0))
            return DropReason.SourceOutsideSubnet;
        return isForAll || rules.IsOwn(to) ? DropReason.None : DropReason.NotForHost;
    }

    private static DropReason Ipv6ToHost(ref Frame frame, HostRules rules, bool isOurs)
    {
        frame.Pull(frame.PacketOffset + HeaderBytes);
        if (!Ipv6Layout.TryRead(frame.HeadBytes, frame.PacketOffset, out var packet))
        {
            // Few have that many extension headers.
            frame.Pull(Burst.HeadCapacity);
            if (!Ipv6Layout.TryRead(frame.HeadBytes, frame.PacketOffset, out packet))
                return DropReason.PacketMalformed;
        }
        var (from, to) = (packet.Source, packet.Destination);
        if (from.IsLoopback || to.IsLoopback)
            return DropReason.LoopbackAddress;
        if (!isOurs && !rules.TakesRoutes && packet is { Protocol: IpProtocol.IcmpV6, IsLaterFragment: false }
            && frame.HeadBytes[packet.TransportOffset] is IcmpV6Type.RouterAdvertisement or IcmpV6Type.Redirect)
            return DropReason.RouterPretended;
        if (rules.IsOnLan)
            return DropReason.None;
        if (!isOurs && !rules.TakesLease && packet is { Protocol: IpProtocol.Udp, IsLaterFragment: false }
            && IsForClient(ref frame, packet))
            return DropReason.RouterPretended;
        if (packet.IsSourceRouted)
            return DropReason.SourceRouted;
        if (!isOurs && !IsGuests(rules, from) && !(from.IsUnspecified && to.IsMulticast))
            return DropReason.SourceOutsideSubnet;
        return to.IsGroupOfLink || rules.IsOwn(to) ? DropReason.None : DropReason.NotForHost;
    }

    /// <summary>A guest can have the address. The host's own are the host's.</summary>
    private static bool IsGuests(HostRules rules, Ipv4Address address) => rules.IsNeighbor(address) && !rules.IsOwn(address);

    private static bool IsGuests(HostRules rules, Ipv6Address address) => rules.IsNeighbor(address) && !rules.IsKnown(address);

    /// <summary>What it carries is for a client of DHCPv6.</summary>
    private static bool IsForClient(ref Frame frame, in Ipv6Layout packet)
    {
        var at = packet.TransportOffset + UdpHeader.DestinationPortOffset;
        frame.Pull(at + sizeof(ushort));
        return frame.HeadLength >= at + sizeof(ushort)
            && BinaryPrimitives.ReadUInt16BigEndian(frame.HeadBytes[at..]) == DhcpHeader.ClientPortIpv6;
    }

    /// <summary>It is to travel on from its destination, to others (RFC 791, 3.1). The kernel refuses options that are broken.</summary>
    private static bool IsSourceRouted(in Frame frame, in Ipv4Layout packet)
    {
        var options = new Ipv4Options(frame.HeadBytes[(packet.NetworkOffset + Ipv4Header.MinimumSize)..packet.TransportOffset]);
        while (options.Next())
        {
            if (options.Kind is Ipv4Options.LooseSourceRoute or Ipv4Options.StrictSourceRoute)
                return true;
        }
        return false;
    }
}
