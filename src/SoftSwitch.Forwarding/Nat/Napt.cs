using System.Runtime.CompilerServices;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// Network address and port translation for IPv4 (RFC 3022), behind one outside address, for one or several inside networks: frames in,
/// frames out, rewritten in place in their heads. Its forwards may be asked at other addresses as well (<see cref="SetAliases"/>).
/// <code>
///   inside 10.0.0.5:4000 ── mapping: outside port 23101 ──┬── flow with 192.0.2.7:53     a flow: one cache line (Flow),
///                                                         └── flow with 198.51.100.1:53  found from both directions (FlowTable)
/// </code>
/// A <b>mapping</b> gives an inside address and port one outside port, whatever the destination (RFC 4787, REQ-1). A <b>flow</b> is a
/// mapping's traffic with one remote address and port. What comes from outside crosses when its flow exists; <see cref="NaptFiltering"/>
/// says whether it may begin one on a mapping. A <see cref="NaptForward"/> is a mapping that is always there and open to all. Where ports
/// are short, a flow may
/// <b>overlap</b>: it leaves by a port that isn't its inside end's own, and that nobody uses toward the same remote end.
/// <para>
/// <b>Threads.</b> Any number of workers call <see cref="Outbound"/> and <see cref="Inbound"/> at once. A packet of a flow that exists
/// takes no lock and allocates nothing. Flows begin and end under a lock, and a flow takes it when it becomes worth something else, which
/// happens a few times in its life; fragments take a lock for each direction.
/// </para>
/// <para>
/// <b>Networks</b> are set, changed and removed at any time (<see cref="SetPolicy"/>); flows of the others don't notice.
/// </para>
/// <para>
/// <b>Limits.</b> Everything is bounded: flows in all, by network and by owner, mappings by owner, ports by range, unfinished fragments. An
/// owner is the port of its network that a packet came by, for an inside address is whatever a guest writes there: a mapping counts for the
/// port that made it, a flow for the port that began it, and for the mapping's when an outsider did. Those that outsiders begin by a
/// forward count for its inside address. At a limit the owner of what is new gives up his own flow that is worth least
/// (<see cref="FlowWorth"/>), never a lasting one, never another's but what is on loan; when the network or the table is full, the owner
/// with the most does. Where there is none, what is new is refused and counted. Fail closed: what isn't translated says so, and its head
/// keeps the addresses that it came with.
/// </para>
/// <para>
/// <b>Time.</b> A flow that is idle for too long has ended, whether it was swept or not. How long that is depends on what it is worth:
/// seconds for one that is finished. Sweeping gives back its slot, its port and its share of the quotas.
/// </para>
/// <b>Hairpin</b> (RFC 4787, REQ-9) is Outbound, and Inbound with the packet as it is then (<see cref="Ipv4Layout.Rewritten"/>): the frame
/// has the external source address.
/// Not here: TTL, MTU, ARP, answers to anybody, protocols that carry addresses in their payload (no ALG).
/// </summary>
public sealed partial class Napt : IDisposable
{
    private readonly FlowTable _flows;
    private readonly MappingTable _mappings;
    private readonly OwnerTable _owners;
    private volatile NaptFlowLog? _log;
    private readonly Secrets _secrets;
    private readonly Identifications _identifications;
    private readonly Lock _changing = new();
    private volatile SpokenPorts? _spoken;
    private volatile bool _wasEverBegunOutside;

    /// <summary>
    /// How many flows of each outside port there are with each remote address: only address-dependent filtering asks for them. Null until a
    /// network filters that way.
    /// </summary>
    private KeyMap? _peers;
    private bool _disposed;

    public Napt(NaptOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Capacity, MaximumCapacity);
        OutsideAddress = options.OutsideAddress;
        OnlyAnswers = options.OnlyAnswers;
        _addresses = new(options.OutsideAddress);
        _log = options.Log;
        var secrets = _secrets = new(options.Seed);
        _flows = new(options.Capacity, secrets);
        _mappings = new(secrets);
        _owners = new(_flows.SlotLimit, secrets);
        _identifications = new(secrets);
    }

    /// <summary>The most flows that <see cref="NaptOptions.Capacity"/> can ask for.</summary>
    public const int MaximumCapacity = 1 << 22;

    /// <summary>The address that everything leaves with, but answers to who asked at an alias.</summary>
    public Ipv4Address OutsideAddress { get; }

    /// <summary>Some packet was <see cref="WasBegunOutside"/> of, or could have been: until then nobody need ask.</summary>
    public bool WasEverBegunOutside
    {
        get => _wasEverBegunOutside;
        private set => _wasEverBegunOutside = value;
    }

    /// <summary>Where flows of networks that want it are written from now on; null: nowhere.</summary>
    public NaptFlowLog? FlowLog
    {
        get => _log;
        set
        {
            lock (_changing)
                _log = value;
        }
    }

    /// <summary>From where the host has just spoken, if the address is shared and that is known: nothing begins there by a forward from
    /// outside.</summary>
    public SpokenPorts? Spoken
    {
        set => _spoken = value;
    }

    /// <summary>
    /// Translates a packet from an inside host: its source becomes the outside address and a port there. A packet to the outside address
    /// itself then goes through <see cref="Inbound"/> as well.
    /// </summary>
    /// <param name="packet">The frame's packet, just read from its head.</param>
    /// <param name="policy">The number of the network that the packet came from. Nothing begins for one without a policy.</param>
    /// <param name="owner">The port of that network that it came by, from 1: what begins counts for it.</param>
    /// <param name="released">Has afterwards the fragments that waited for this one, if it was the first of its packet and crosses.</param>
    public NaptVerdict Outbound(ref Frame frame, in Ipv4Layout packet, int policy, ushort owner, Instant now, ReleasedFragments released)
    {
        ArgumentOutOfRangeException.ThrowIfZero(owner);
        if (packet.IsFragment)
            return OutboundFragment(ref frame, packet, policy, owner, now, released);
        var verdict = OutboundWhole(ref frame, packet, policy, owner, now);
        if (!packet.DontFragment && verdict == NaptVerdict.Translated)
            Identify(frame.HeadBytes, packet, _identifications.Take(packet.Destination, packet.Protocol, frame.Segments));
        return verdict;
    }

    /// <summary>Translates a packet to the outside address: its destination becomes an inside host's address and port.</summary>
    /// <param name="packet">The frame's packet, just read from its head; its destination is <see cref="OutsideAddress"/> or an
    /// alias.</param>
    /// <param name="released">As for <see cref="Outbound"/>; where the packet is not ours, they are as they came.</param>
    /// <param name="policy">The number of the network where the inside host is, when it was translated.</param>
    public NaptVerdict Inbound(ref Frame frame, in Ipv4Layout packet, Instant now, ReleasedFragments released, out int policy) =>
        packet.IsFragment
            ? InboundFragment(ref frame, packet, now, released, out policy)
            : InboundWhole(ref frame, packet, now, out policy);

    private unsafe NaptVerdict OutboundWhole(ref Frame frame, in Ipv4Layout packet, int policy, ushort owner, Instant now)
    {
        var wrong = TransportHeader.Read(ref frame, packet, out var transport);
        if (wrong != DropReason.None)
            return Refuse(ref frame, wrong);
        if (transport.IsError)
            return OutboundError(ref frame, packet, transport, policy, now);
        var isQuery = transport.Protocol == NatProtocol.Icmp;
        // RFC 5508, REQ-1: queries from inside, and REQ-11: nothing but queries and errors.
        if (isQuery && transport.IcmpType is not (IcmpType.Echo or IcmpType.Timestamp))
            return Refuse(ref frame, DropReason.NatUnmatched);

        var addresses = Flow.PackAddresses(packet.Source, packet.Destination);
        var ports = Flow.PackPorts(transport.Source, 0, isQuery ? (ushort)0 : transport.Destination, policy, transport.Protocol);
        if (!_flows.TryFindOutbound(addresses, ports, out var match) || !IsAlive(match, now))
        {
            if (IsInTheMiddle(ref frame, packet, transport) && IsAnothers(addresses, ports, now))
                return Refuse(ref frame, DropReason.WayChanged);
            var opens = transport.Protocol == NatProtocol.Tcp && (FlagsOf(ref frame, packet) & TcpFlags.Syn) != 0;
            var refusal = BeginOutbound(addresses, ports, owner, BeginsNothing(ref frame, packet, transport), opens, now, out match);
            if (refusal != DropReason.None)
                return Refuse(ref frame, refusal);
        }

        if (!TryFindSource(match, out var source))
            return Refuse(ref frame, DropReason.NatUnmatched);

        // SAFETY: a match's slot lies in the table for as long as the table lives. Whether it has changed hands is looked at where
        // something is noted.
        if ((match.Flow->State & FlowState.Kept) == 0)
            Keep(match);
        Note(match, fromInside: true, ref frame, packet, transport, now);
        var head = frame.HeadBytes;
        Rewriting.Address(head, packet, Ipv4Header.SourceOffset, source, match.AddressDelta);
        Rewriting.Transport(head, packet, transport.Protocol, isQuery ? IcmpHeader.IdentifierOffset : 0, match.OutsidePort,
            transport.IsPartial, match.AddressDelta, match.TransportDelta);
        return NaptVerdict.Translated;
    }

    private unsafe NaptVerdict InboundWhole(ref Frame frame, in Ipv4Layout packet, Instant now, out int policy)
    {
        policy = -1;
        var alias = AliasOf(packet.Destination);
        if (alias < 0)
            return NaptVerdict.NotOurs;
        var wrong = TransportHeader.Read(ref frame, packet, out var transport);
        if (wrong != DropReason.None)
            return Refuse(ref frame, wrong);
        if (transport.IsError)
            return InboundError(ref frame, packet, transport, alias, now, out policy);
        var isQuery = transport.Protocol == NatProtocol.Icmp;
        if (isQuery && transport.IcmpType is not (IcmpType.EchoReply or IcmpType.TimestampReply))
            return NaptVerdict.NotOurs;

        var remotePort = isQuery ? (ushort)0 : transport.Source;
        if (!_flows.TryFindInbound(packet.Source, transport.Destination, remotePort, transport.Protocol, out var match, alias)
            || !IsAlive(match, now))
        {
            var verdict = BeginInbound(ref frame, packet, transport, alias, remotePort, now, out match);
            if (verdict != NaptVerdict.Translated)
                return verdict;
        }

        // SAFETY: as for an outbound packet.
        Note(match, fromInside: false, ref frame, packet, transport, now);
        var head = frame.HeadBytes;
        Rewriting.Address(head, packet, Ipv4Header.DestinationOffset, match.InsideAddress, match.AddressDelta.Reverse);
        Rewriting.Transport(head, packet, transport.Protocol, isQuery ? IcmpHeader.IdentifierOffset : TcpHeader.DestinationPortOffset,
            match.InsidePort,
            transport.IsPartial, match.AddressDelta.Reverse, match.TransportDelta.Reverse);
        policy = match.Policy;
        return NaptVerdict.Translated;
    }

    /// <summary>
    /// A reset about nothing that is known, or an answer to an opening that nobody made or that is over: a server goes on answering a
    /// forged SYN for a minute.
    /// </summary>
    private static bool BeginsNothing(ref Frame frame, in Ipv4Layout packet, in TransportHeader transport)
    {
        if (transport.Protocol != NatProtocol.Tcp)
            return false;
        const TcpFlags answer = TcpFlags.Syn | TcpFlags.Ack;
        var flags = FlagsOf(ref frame, packet);
        return (flags & TcpFlags.Rst) != 0 || (flags & answer) == answer;
    }

    private static TcpFlags FlagsOf(ref Frame frame, in Ipv4Layout packet) =>
        (TcpFlags)frame.HeadBytes[packet.TransportOffset + TcpHeader.FlagsOffset];

    private static NaptVerdict Refuse(ref Frame frame, DropReason reason)
    {
        frame.Drop = reason;
        var isTold = reason is DropReason.NatPortsExhausted or DropReason.NatTableFull or DropReason.NatQuota or DropReason.NoRoute;
        return isTold ? NaptVerdict.Prohibited : NaptVerdict.Dropped;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void Note(in FlowMatch match, bool fromInside, ref Frame frame, in Ipv4Layout packet, in TransportHeader transport,
        Instant now)
    {
        if (!match.IsStill)
            return;
        bool isChanged;
        if (transport.Protocol == NatProtocol.Tcp)
        {
            var header = frame.HeadBytes.Slice(packet.TransportOffset, transport.Length);
            isChanged = TcpTracker.Track(ref *match.Flow, match.Version, fromInside, header, packet.PayloadLength - transport.Length,
                now.Seconds);
        }
        else
        {
            isChanged = DatagramTracker.Track(ref *match.Flow, match.Version, fromInside, now.Seconds);
        }
        if (isChanged)
            Value(match);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe bool IsAlive(in FlowMatch match, Instant now) => IsAlive(*match.Flow, now.Seconds);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsAlive(in Flow flow, uint now)
    {
        var idle = Idle(flow, now);
        return (idle <= NaptPolicy.FinishedTimeout || idle <= SlotOf(flow.Policy)?.Policy.TimeoutOf(flow))
            && ((flow.State & FlowState.Kept) != 0 || _mappings.KindOf(flow.Protocol, flow.OutsidePort) != MappingKind.Ending);
    }

    /// <summary>
    /// Seconds since the last packet that keeps a flow: outbound ones always do (RFC 4787, REQ-6), inbound ones those of TCP and of
    /// forwards. Otherwise an outsider could keep a mapping open for which nobody inside cares any more (REQ-6a).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Idle(in Flow flow, uint now)
    {
        var idle = (int)(now - flow.Inside.Seen);
        if (flow.Protocol == NatProtocol.Tcp || (flow.State & FlowState.Forward) != 0)
            idle = int.Min(idle, (int)(now - flow.Remote.Seen));
        return idle < 0 ? 0 : (uint)idle;
    }

    /// <summary>Gives the memory back. No worker may be in a call any more, or come with another.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _flows.Dispose();
        _mappings.Dispose();
        _owners.Dispose();
        _peers?.Dispose();
    }
}
