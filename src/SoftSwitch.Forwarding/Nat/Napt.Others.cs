using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Where the networks of this translator have other ways out, each has a translator of its own, with an address of its own. What is in the
/// middle of a TCP connection of another's begins nothing here: with another address it would be no part of it, and the other end may
/// drop it without a word. Nor does an outsider begin what two ends are at elsewhere: inside, the packets of both would look alike. Looked
/// at only where a packet has no flow here.
/// </summary>
public sealed partial class Napt
{
    private volatile Napt[] _others = [];

    /// <summary>The translators of the other ways, also of those that are closed for a moment.</summary>
    public IReadOnlyCollection<Napt> Others
    {
        set => _others = [.. value];
    }

    /// <summary>A packet from an inside host is in the middle of a TCP connection that goes on here. Takes no lock and changes
    /// nothing.</summary>
    /// <param name="policy">As for <see cref="Outbound"/>.</param>
    public bool HasConnection(ref Frame frame, in Ipv4Layout packet, int policy, Instant now) =>
        packet is { Protocol: IpProtocol.Tcp, FragmentOffset: 0 }
        && TransportHeader.Read(ref frame, packet, out var transport) == DropReason.None
        && IsInTheMiddle(ref frame, packet, transport)
        && HasConnection(Flow.PackAddresses(packet.Source, packet.Destination),
            Flow.PackPorts(transport.Source, 0, transport.Destination, policy, transport.Protocol), now);

    /// <summary>
    /// A packet from an inside host answers a flow that was begun at the other end, or is an error about a packet of one: where there are
    /// several translators, it belongs here. Of fragments, for the first. Takes no lock and changes nothing.
    /// </summary>
    /// <param name="policy">As for <see cref="Outbound"/>.</param>
    /// <param name="asked">The address that the other end has asked, with which this packet leaves.</param>
    public unsafe bool WasBegunOutside(ref Frame frame, in Ipv4Layout packet, int policy, Instant now, out Ipv4Address asked)
    {
        asked = OutsideAddress;
        if (TransportHeader.Read(ref frame, packet, out var transport) != DropReason.None)
            return false;
        FlowMatch match;
        if (transport.IsError)
        {
            if (!IcmpError.TryRead(ref frame, packet, out var error) || !TryFindFlow(error, policy, now, out match))
                return false;
        }
        else
        {
            // Queries are never begun outside.
            if (transport.Protocol == NatProtocol.Icmp || !_flows.TryFindOutbound(Flow.PackAddresses(packet.Source, packet.Destination),
                Flow.PackPorts(transport.Source, 0, transport.Destination, policy, transport.Protocol), out match) || !IsAlive(match, now))
                return false;
        }
        asked = _addresses[match.Alias];
        // SAFETY: a match's slot lies in the table for as long as the table lives.
        return (match.Flow->State & FlowState.FromOutside) != 0;
    }

    private unsafe bool HasConnection(ulong addresses, ulong ports, Instant now) =>
        // SAFETY: a match's slot lies in the table for as long as the table lives.
        _flows.TryFindOutbound(addresses, ports, out var match) && IsAlive(match, now) && TcpTracker.GoesOn(match.Flow->State);

    private bool IsAnothers(ulong addresses, ulong ports, Instant now)
    {
        foreach (var other in _others)
        {
            if (other.HasConnection(addresses, ports, now))
                return true;
        }
        return false;
    }

    /// <summary>The two ends of a flow are at it by another translator, and aren't done.</summary>
    private unsafe bool IsSpokenElsewhere(in Flow content, Instant now)
    {
        foreach (var other in _others)
        {
            // SAFETY: as for a connection.
            if (other._flows.TryFindOutbound(content.Addresses, content.Ports & Flow.OutboundMask, out var match)
                && other.IsAlive(match, now) && match.Flow->Worth != FlowWorth.Closed)
                return true;
        }
        return false;
    }

    /// <summary>It neither opens a connection nor ends one at once.</summary>
    private static bool IsInTheMiddle(ref Frame frame, in Ipv4Layout packet, in TransportHeader transport) =>
        transport.Protocol == NatProtocol.Tcp && (FlagsOf(ref frame, packet) & (TcpFlags.Syn | TcpFlags.Rst)) == 0;
}
