using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Where the networks of this translator have other ways out, each has a translator of its own, with an address of its own. What is in the
/// middle of a TCP connection of another's begins nothing here: with another address it would be no part of it, and the other end may
/// drop it without a word. Looked at only where a packet has no flow here.
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

    /// <summary>It neither opens a connection nor ends one at once.</summary>
    private static bool IsInTheMiddle(ref Frame frame, in Ipv4Layout packet, in TransportHeader transport) =>
        transport.Protocol == NatProtocol.Tcp && (FlagsOf(ref frame, packet) & (TcpFlags.Syn | TcpFlags.Rst)) == 0;
}
