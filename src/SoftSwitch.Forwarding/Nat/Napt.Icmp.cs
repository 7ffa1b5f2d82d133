using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// ICMP errors: they belong to the flow of the packet that they carry. They never begin, refresh or end one (RFC 5508, REQ-6; RFC 4787,
/// REQ-12; RFC 5382, REQ-10), and it doesn't matter who sends them, as any router on the way may.
/// </summary>
public sealed partial class Napt
{
    /// <summary>About a packet that an inside host received: the inner destination is inside.</summary>
    private NaptVerdict OutboundError(ref Frame frame, in Ipv4Layout packet, in TransportHeader transport, int policy, Instant now)
    {
        if (!Crosses(transport))
            return Refuse(ref frame, DropReason.NatUnmatched);
        if (!IcmpError.TryRead(ref frame, packet, out var error))
            return Refuse(ref frame, DropReason.NatMalformed);
        if (!TryFindFlow(error, policy, now, out var match) || !TryFindSource(match, out var outside))
            return Refuse(ref frame, DropReason.NatUnmatched);

        error.RewriteInner(false, outside, match.OutsidePort, match.AddressDelta, match.TransportDelta);
        error.Finish(frame.Offload.NeedsChecksum);
        // RFC 5508, REQ-5: whichever inside router has sent it, outside it comes from the outside address.
        Rewriting.Address(frame.HeadBytes, packet, Ipv4Header.SourceOffset, outside, ChecksumDelta.Of(packet.Source, outside));
        return NaptVerdict.Translated;
    }

    /// <summary>The flow of the packet that an inside host received, and which an error is about.</summary>
    private bool TryFindFlow(in IcmpError error, int policy, Instant now, out FlowMatch match)
    {
        match = default;
        var isQuery = error.Protocol == NatProtocol.Icmp;
        var ports = Flow.PackPorts(error.DestinationPort, 0, isQuery ? (ushort)0 : error.SourcePort, policy, error.Protocol);
        return (!isQuery || error.InnerType is IcmpType.EchoReply or IcmpType.TimestampReply)
            && _flows.TryFindOutbound(Flow.PackAddresses(error.Destination, error.Source), ports, out match) && IsAlive(match, now);
    }

    /// <summary>About a packet that left with the address that the error goes to: the inner source is ours, or the error is somebody
    /// else's.</summary>
    private NaptVerdict InboundError(
        ref Frame frame, in Ipv4Layout packet, in TransportHeader transport, int alias, Instant now, out int policy)
    {
        policy = -1;
        if (!Crosses(transport))
            return NaptVerdict.NotOurs;
        if (!IcmpError.TryRead(ref frame, packet, out var error))
            return Refuse(ref frame, DropReason.NatMalformed);
        var isQuery = error.Protocol == NatProtocol.Icmp;
        var remotePort = isQuery ? (ushort)0 : error.DestinationPort;
        if (error.Source != packet.Destination || (isQuery && error.InnerType is not (IcmpType.Echo or IcmpType.Timestamp))
            || !_flows.TryFindInbound(error.Destination, error.SourcePort, remotePort, error.Protocol, out var match, alias)
            || !IsAlive(match, now))
            return NaptVerdict.NotOurs;

        // RFC 5508, REQ-4.
        error.RewriteInner(true, match.InsideAddress, match.InsidePort, match.AddressDelta.Reverse, match.TransportDelta.Reverse);
        error.Finish(frame.Offload.NeedsChecksum);
        Rewriting.Address(frame.HeadBytes, packet, Ipv4Header.DestinationOffset, match.InsideAddress, match.AddressDelta.Reverse);
        policy = match.Policy;
        return NaptVerdict.Translated;
    }

    /// <summary>Redirects end at the router that they are for (RFC 1812, 5.2.7.2), and nobody listens to Source Quench (RFC
    /// 6633).</summary>
    private static bool Crosses(in TransportHeader error) =>
        error.IcmpType is IcmpType.DestinationUnreachable or IcmpType.TimeExceeded or IcmpType.ParameterProblem;
}
