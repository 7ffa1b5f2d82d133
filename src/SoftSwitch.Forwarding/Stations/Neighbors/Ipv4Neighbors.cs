using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>
/// The IPv4 neighbors of a station of ours: it finds them and is found by them (ARP, RFC 826), holds packets while it asks, and defends its
/// address (RFC 5227, 2.4). What they said of themselves stands in the <see cref="Table"/>. Those of another family have a type of their
/// own, beside this one.
/// <para>Any worker may call, at the same time as others.</para>
/// </summary>
public sealed partial class Ipv4Neighbors
{
    /// <summary>What one turn looks at of what is due: it takes a part of its slice, whatever strangers have made due.</summary>
    private const int MostDueInTurn = 128;

    /// <summary>Places of the table that a tick looks at: all of the largest in a minute, which is early enough for what is forgotten after
    /// twenty.</summary>
    private const int SweptAtOnce = 1_024;

    private readonly InnerPort _station;
    private readonly Ipv4Address _address;
    private readonly Ipv4Subnet _subnet;
    private readonly bool _ownsAddress;
    private readonly bool _areGuests;
    private readonly MacAddress? _only;
    private readonly Lock _ticking = new();
    private int _disputesLeft;

    /// <param name="station">Whose neighbors they are.</param>
    /// <param name="address">Its address.</param>
    /// <param name="subnet">The subnet on its link.</param>
    /// <param name="ownsAddress">The address is the station's alone: it answers for it and defends it.</param>
    /// <param name="areGuests">Each is believed what it says of itself, and all of them are in the subnet.</param>
    /// <param name="only">Who is at the other end, where that is certain: nobody is asked then.</param>
    internal Ipv4Neighbors(
        InnerPort station, Ipv4Address address, Ipv4Subnet subnet, bool ownsAddress, bool areGuests, MacAddress? only)
    {
        (_station, _address, _subnet, _ownsAddress, _areGuests, _only) = (station, address, subnet, ownsAddress, areGuests, only);
        Table = new(subnet, areGuests);
    }

    /// <summary>What is known of them.</summary>
    public Ipv4NeighborTable Table { get; }

    /// <summary>
    /// Sends a packet to a neighbor, or holds it until the neighbor has answered. Where that has failed, its sender is told, if it is the
    /// turn's <see cref="Turn.Origin"/>.
    /// </summary>
    internal DropReason Send(Turn turn, Burst source, int index, Ipv4Address neighbor)
    {
        ref var frame = ref source[index];
        if (_only is { } only)
        {
            _station.AddressTo(ref frame, only);
            turn.Send(source, index, _station);
            return DropReason.None;
        }
        var resolution = Table.Resolve(neighbor, turn.Input, turn.Now, out var mac);
        if (resolution is Resolution.SendAndAsk or Resolution.HoldAndAsk)
            Ask(turn, turn.Input, neighbor, mac);
        switch (resolution)
        {
            case Resolution.Send or Resolution.SendAndAsk:
                // What has waited goes first.
                if (_held.IsWaitedFor(neighbor, turn))
                {
                    var drop = Keep(turn, source, frame, neighbor);
                    Call(turn, neighbor);
                    return drop;
                }
                return SendTo(turn, source, index, mac);
            case Resolution.Unreachable:
                Call(turn, neighbor);
                if (source == turn.Burst)
                    turn.Origin.ReportLost(turn, frame.HeadBytes);
                return DropReason.NeighborUnreachable;
            case Resolution.NoRoom:
                return DropReason.NeighborQueueFull;
            default:
                return Keep(turn, source, frame, neighbor);
        }
    }

    /// <summary>The same to one whose MAC is known, by whatever address.</summary>
    internal DropReason SendTo(Turn turn, Burst source, int index, MacAddress mac)
    {
        ref var frame = ref source[index];
        if (IsTooLong(turn, frame, mac, out var mtu))
        {
            if (source == turn.Burst)
                turn.Origin.ReportTooLong(turn, frame.HeadBytes, mtu);
            return DropReason.FragmentationNeeded;
        }
        _station.AddressTo(ref frame, mac);
        turn.Send(source, index, _station);
        return DropReason.None;
    }

    /// <summary>A packet fits the link, but not the port that its neighbor is behind, and can't be fragmented there.</summary>
    /// <param name="mtu">What leaves by that port.</param>
    private bool IsTooLong(Turn turn, in Frame frame, MacAddress neighbor, out int mtu)
    {
        mtu = 0;
        if (frame.LongestPacket <= _station.SmallestMtu || (frame.MayFragment && !frame.Offload.IsSuperFrame))
            return false;
        mtu = _station.MtuToward(neighbor.Value, turn.Now);
        return frame.LongestPacket > mtu;
    }

    /// <summary>A packet to this neighbor would only wait to be dropped.</summary>
    internal bool HasLost(Ipv4Address neighbor, Instant now) => _only is null && Table.HasFailed(neighbor, now);

    /// <summary>
    /// Announces the address where that is due, and begins with what is due beside that: asks what the control plane wants to know, and
    /// neighbors whose address another claims; has packets given up whose neighbor didn't answer, and asks again for the others, as those
    /// that wait for them may.
    /// </summary>
    internal void Tick(Turn turn)
    {
        if (_announcements > 0 && _ownsAddress)
        {
            _announcements--;
            Announce(turn);
        }
        Table.Sweep(turn.Now, SweptAtOnce);
        lock (_ticking)
        {
            _disputesLeft = Table.DisputeCount;
            _held.BeginRound();
        }
        GoOn(turn);
    }

    /// <summary>Goes on with what is due, as far as one turn gets: the rest is for another. Where another worker is at it, it is left to
    /// that one.</summary>
    private void GoOn(Turn turn)
    {
        if (!_ticking.TryEnter())
            return;
        try
        {
            var left = MostDueInTurn;
            // Strangers could fill the turn with what follows.
            for (; left > 0 && turn.HasRoom && _questions.TryDequeue(out var question); left--)
                Say(turn, MacAddress.Broadcast, QuestionFor(question.Address), question.Port);
            left = TickDisputes(turn, left);
            left = TickHeld(turn, left);
            if (left == 0 || !turn.HasRoom)
                turn.Call(_station);
        }
        finally
        {
            _ticking.Exit();
        }
    }
}
