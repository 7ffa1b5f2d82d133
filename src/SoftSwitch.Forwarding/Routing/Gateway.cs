using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// The gateway of a translating network: a station inside it, with an address and a MAC of its own, whose <see cref="Router"/> leads to the
/// outside and to the host.
/// </summary>
public sealed class Gateway : Station
{
    private readonly EndedFlows _ended;
    private volatile WaysOut _ways = WaysOut.None;

    /// <param name="name">As it is shown.</param>
    /// <param name="mac">Its MAC address.</param>
    /// <param name="address">Its address, in <paramref name="subnet"/>.</param>
    /// <param name="subnet">The network's.</param>
    /// <param name="mtu">The network's.</param>
    /// <param name="workers">Workers there will be.</param>
    /// <param name="policy">The network's number among those that share a translator.</param>
    public Gateway(string name, MacAddress mac, Ipv4Address address, Ipv4Subnet subnet, int mtu, int workers, int policy)
        : base(name, mac, address, subnet, mtu, workers)
    {
        Policy = policy;
        Router = new(this);
        Unrouted = new(this);
        _ended = new(this, static guest => guest);
    }

    /// <summary>Called on a worker's thread, in a turn of the gateway's own, when there are destinations that <see cref="TryTakeWanted"/>
    /// takes. Must not wait.</summary>
    public Action? RoutesAreWanted { get; set; }

    /// <summary>The network's number among those that share a translator.</summary>
    public int Policy { get; }

    /// <summary>Where packets can go.</summary>
    public WaysOut Ways
    {
        get => _ways;
        set => _ways = value;
    }

    /// <summary>Takes a destination that packets wait to have a route for, the ports in turn. Any thread may call.</summary>
    /// <param name="by">A port whose packets do.</param>
    public bool TryTakeWanted(out Ipv4Address destination, out Port by) => Unrouted.Wanted.TryTake(out destination, out by);

    /// <summary>The answer for a destination is in the <see cref="RouteCache"/>; the gateway is to be given a turn. Any thread may
    /// call.</summary>
    public void Know(Ipv4Address destination) => Unrouted.Know(destination);

    /// <summary>A flow of a guest's has ended, for the address that it had outside is gone; the gateway is to be given a turn, in which the
    /// guest is told. Any thread may call.</summary>
    public void End(in OpenFlow ended) => _ended.Add(ToldEnd.Inside(ended, Address));

    /// <summary>Some of those guests are still to be told.</summary>
    public bool IsTelling => _ended.Any;

    /// <summary>What becomes of a guest's packet to a destination, as far as that is said without the packet. Any thread may ask.</summary>
    public Destined Look(Ipv4Address destination, Instant now) => Router.Look(destination, now);

    internal Router Router { get; }

    internal UnroutedPackets Unrouted { get; }

    /// <summary>Tells the sender of a segment that its connection has ended.</summary>
    internal void Reset(Turn turn, in Frame frame, in Ipv4Layout packet) => _ended.Answer(turn, frame, packet);

    /// <summary>What leaves by the port that a neighbor is behind, in bytes, as far as that is known.</summary>
    internal int MtuToward(Ipv4Address neighbor, Instant now) => MtuToward(Ipv4Neighbors.Table.MacOf(neighbor).Value, now);

    private protected override void LookAhead(Burst burst, FrameSet frames)
    {
        var ways = _ways;
        ways.LookForNews();
        if (frames.Count > 1)
            ways.Foremost?.Translator.Prefetch(burst, frames, Policy);
    }

    private protected override void TickOwn(Turn turn)
    {
        Unrouted.Tick(turn);
        _ended.Tell(turn);
    }

    private protected override bool TryResumeOwn(Turn turn)
    {
        _ways.LookForNews();
        _ended.Tell(turn);
        return Unrouted.TryResume(turn);
    }

    private protected override void SettleOwn(Turn turn) => Unrouted.Settle(turn);

    internal override DropReason TakeAgain(Turn turn, int index, ref Frame frame) =>
        Ipv4Layout.TryRead(frame.HeadBytes, frame.PacketOffset, frame.Length, out var packet)
            ? Router.Send(turn, index, ref frame, packet)
            : DropReason.PacketMalformed;

    private protected override DropReason TakePacket(Turn turn, int index, ref Frame frame, in Ipv4Layout packet)
    {
        // Nothing with a source that isn't inside goes anywhere, and so nothing outside can be answered to an inside that isn't.
        if (!IsNeighbor(packet.Source))
            return DropReason.SourceOutsideSubnet;
        if (Ipv4Neighbors.Table.HasDoubts)
            Ipv4Neighbors.Table.Confirm(packet.Source, new(frame.Source), turn.Now);
        if (turn.Member.Heard is { } heard && packet.FragmentOffset == 0)
            heard.HearPacket(packet.Source, packet.Protocol, frame.HeadBytes[packet.TransportOffset..], turn.Now);
        if (packet.Destination == Address)
            return TakeOwn(turn, index, ref frame, packet);
        turn.Origin.Note(this, frame, turn.Input);
        return Router.Send(turn, index, ref frame, packet);
    }
}
