using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Routing;

/// <summary>
/// Packets of a gateway's guests that wait until the host's routing has said by which way their destination is reached. Nothing in them has
/// been changed. A worker may not wait, so the control plane is told, in a turn of the gateway's own; it asks for all that is
/// <see cref="Wanted"/>, puts the answers into the <see cref="RouteCache"/>, and says so (<see cref="Know"/>): then they are routed as if
/// they had just come, in their order and in turns of their own, and what comes for that destination meanwhile waits behind them
/// (<see cref="HeldFrames"/>). What gets no answer in time is dropped: it never goes another way.
/// <para>Any worker may call, at the same time as others.</para>
/// </summary>
/// <param name="gateway">Whose guests' packets they are.</param>
internal sealed class UnroutedPackets(Gateway gateway)
{
    /// <summary>As much goes in one turn as is routed in less than its slice.</summary>
    private const int MostReleased = 64, MostBytesReleased = 512 * 1024;

    /// <summary>Destinations that a tick looks at; the rest has its turn with the next.</summary>
    private const int MostAtOnce = 4_096;

    private readonly HeldFrames _held = new();
    private readonly PortAllowances _questions = new(Limits.RouteQuestions), _again = new(Limits.RouteQuestionsAgain);
    private readonly ConcurrentQueue<Ipv4Address> _known = new();
    private int _isNew;

    /// <summary>The destinations that something waits for and that nobody has asked for yet.</summary>
    public WantedRoutes Wanted { get; } = new();

    /// <summary>A destination has an answer. A turn of the gateway's is to follow (<see cref="TryResume"/>).</summary>
    public void Know(Ipv4Address destination) => _known.Enqueue(destination);

    /// <summary>Keeps a packet of the turn, unless its port asks for too much.</summary>
    public DropReason Keep(Turn turn, in Frame frame, in Ipv4Layout packet)
    {
        var destination = packet.Destination;
        var isNew = !_held.Waits(destination, turn.Input);
        if (isNew && !(gateway.Ways.WasKnown(destination, turn.Now) ? _again : _questions).Take(turn.Input, turn.Now))
            return DropReason.RouteUnknown;
        var isKept = _held.Keep(destination, frame, turn.Member, turn.Origin, turn.Now, out var givenUp);
        if (givenUp > 0)
            gateway.CountUnsaid(turn.Worker, DropReason.RouteUnknown, givenUp);
        if (!isKept)
            return DropReason.RouteUnknown;
        // The answer may have come before this one could be seen waiting, or the turn before it may have ended.
        if (IsKnown(turn, destination))
            Call(turn, destination);
        else if (isNew)
            Want(turn, destination, turn.Input);
        return DropReason.None;
    }

    /// <summary>A packet whose way is known has to wait all the same, for those before it still do. One that goes on is itself the
    /// next.</summary>
    public bool MustWait(Turn turn, Ipv4Address destination) => !turn.IsGoingOn && _held.IsWaitedFor(destination, turn);

    /// <summary>A turn that was called for.</summary>
    /// <returns>False: not for this.</returns>
    public bool TryResume(Turn turn)
    {
        if (Interlocked.Exchange(ref _isNew, 0) != 0)
            gateway.RoutesAreWanted?.Invoke();
        while (_known.TryDequeue(out var known))
            Call(turn, known);
        if (!_held.TryBegin(turn, out var destination))
            return false;
        turn.NoteUnsettled(gateway);
        var bytes = 0;
        for (var left = MostReleased; left > 0 && bytes < MostBytesReleased && turn.HasRoom; left--)
        {
            if (!IsKnown(turn, destination))
            {
                // It was, and the answer counts no more. What was sent before goes first; then it is asked for again.
                if (bytes == 0)
                {
                    Want(turn, destination, gateway);
                    _held.End(turn, leavesRest: true);
                }
                return true;
            }
            if (!_held.TryTake(destination, out var held))
                return true;
            bytes += held.Cost;
            GoOn(turn, held);
            HeldFrames.Return(held);
        }
        return true;
    }

    /// <summary>What such a turn has sent is transmitted, or lost.</summary>
    public void Settle(Turn turn)
    {
        if (_held.End(turn))
            turn.Call(gateway);
    }

    /// <summary>Has routed what has an answer, and gives up what has waited for one too long.</summary>
    public void Tick(Turn turn)
    {
        _held.BeginRound();
        for (var left = MostAtOnce; left > 0 && _held.TryNext(out var waiting); left--)
        {
            if (IsKnown(turn, waiting.Neighbor))
                Call(turn, waiting.Neighbor);
        }
        while (_held.TryTakeExpired(turn.Now, out var held))
        {
            gateway.CountUnsaid(turn.Worker, DropReason.RouteUnknown);
            HeldFrames.Return(held);
        }
    }

    /// <summary>Has the host's routing asked for a destination that nothing waits for yet, unless the turn's port asks for too
    /// much.</summary>
    public void Ask(Turn turn, Ipv4Address destination)
    {
        if (_questions.Take(turn.Input, turn.Now))
            Want(turn, destination, turn.Input);
    }

    private void Want(Turn turn, Ipv4Address destination, Port by)
    {
        Wanted.Add(destination, by);
        if (Interlocked.Exchange(ref _isNew, 1) == 0)
            turn.Call(gateway);
    }

    private void Call(Turn turn, Ipv4Address destination)
    {
        if (_held.TryCall(destination))
            turn.Call(gateway);
    }

    private void GoOn(Turn turn, HeldFrame held)
    {
        var drop = turn.TryRestore(held.Frame, out var made, out var index)
            ? held.Origin.TakeAgain(turn, made, index, held.Input)
            : DropReason.QueueFull;
        if (drop != DropReason.None)
            gateway.CountUnsaid(turn.Worker, drop);
    }

    private bool IsKnown(Turn turn, Ipv4Address destination) => gateway.Ways.To(destination, turn.Now).Course != Course.Asked;
}
