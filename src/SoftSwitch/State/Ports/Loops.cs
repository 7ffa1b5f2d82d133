using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;

namespace SoftSwitch.State.Ports;

/// <summary>
/// What becomes of loops that a <see cref="LoopWatch"/> has found: one port is taken out, and told. Now and then it is asked whether the
/// loop is still there, without a frame of anybody passing; when it isn't, the port takes part again. Used by the control loop alone.
/// <para>
/// <b>Which one.</b> Of two guests' ports the one that came up later: a guest who joins two ports loses the second. The host and the LAN
/// stay: a guest who joins them loses its own, and the stations behind them stay known. Somebody could give away what his port was sent,
/// for another to send it in elsewhere, so that a third has the damage. But only whoever is behind a port can make frames come in by it:
/// so where the later of two is not the one by which the frame came in, its own frames must come in by the other first. If they don't,
/// the one by which frames do come in is taken out.
/// </para>
/// </summary>
/// <param name="ports">Those that live.</param>
/// <param name="workers">Who sends probes.</param>
/// <param name="lifecycle">Takes ports out and in.</param>
/// <param name="news">Tells what should not have happened.</param>
/// <param name="isBrought">A mode has brought a port: it leads to the host.</param>
/// <param name="post">Runs an action on the control loop.</param>
internal sealed class Loops(
    Func<PortState[]> ports, SwitchWorkers workers, PortLifecycle lifecycle, PortNews news, Func<PortState, bool> isBrought,
    Action<Action> post)
{
    /// <summary>How long answers take, and how long one is remembered that isn't enough alone.</summary>
    private const int AnswerMilliseconds = 900, LongestDoubt = 5_000;

    private readonly Dictionary<(PortState From, PortState By), long> _doubts = [];
    private readonly List<PortState> _misled = [];
    private readonly HashSet<Bridge> _again = [];

    /// <summary>Its loops are looked for from here on.</summary>
    public void Watch(Bridge bridge)
    {
        bridge.Loops.Suspected = () => post(() => Ask(bridge));
        bridge.Loops.Found = seen => post(() => Judge(seen, Environment.TickCount64));
        bridge.Loops.Passing = probe => post(() => Pass(bridge, probe));
    }

    /// <summary>About once a second.</summary>
    public void Tick(long now)
    {
        // What was on its way round when the loop was cut has been learnt from since.
        _misled.ForEach(Forget);
        _misled.Clear();
        foreach (var doubt in _doubts.Where(doubt => now - doubt.Value > LongestDoubt).ToList())
            _doubts.Remove(doubt.Key);
        foreach (var state in ports())
        {
            if (state.Loop is { } loop && now >= loop.Next)
                GoOn(state, loop, now);
        }
        var cut = ports().Where(state => state.Loop is not null).Select(state => state.Bridge).ToHashSet();
        foreach (var bridge in ports().Select(state => state.Bridge).Distinct())
        {
            bridge.Loops.HasCut = cut.Contains(bridge);
            if (bridge.Loops.HasCut)
                bridge.Loops.Refill();
        }
        _again.UnionWith(ports().Select(state => state.Bridge).Distinct().Where(bridge => bridge.Loops.TakeSuspicion()));
        foreach (var bridge in _again)
            Ask(bridge);
        _again.Clear();
    }

    private void GoOn(PortState state, PortLoop loop, long now)
    {
        if (!loop.IsAsked)
        {
            (loop.IsAsked, loop.IsThere, loop.Next) = (true, false, now + AnswerMilliseconds);
            _again.Add(state.Bridge);
        }
        else if (loop.IsThere)
        {
            loop.Wait(now);
        }
        else
        {
            state.Loop = null;
            lifecycle.Refresh(state);
        }
    }

    private void Ask(Bridge bridge)
    {
        PortState[] open = [.. ports().Where(state => state.Bridge == bridge && state.Membership is not null)];
        var guests = open.Where(state => !IsKept(state)).ToArray();
        // The LAN hears one only where two of its kind could be joined. An uplink and its host's port hear nothing of each other.
        var asked = open.Except(guests).DistinctBy(GroupOf).Skip(1).Any() ? open : guests;
        if (open.Length > 1 && asked.Length > 0)
            workers.First.Probe(bridge.Loops.Ask(asked.Select(state => state.Membership!)), e => news.TellMistake(asked[0], e));
    }

    private void Judge(LoopSighting seen, long now)
    {
        if (Of(seen.Sent) is not { } from || Of(seen.Heard) is not { } by || seen.IsCutForUs)
            return;
        if (from.Loop is not null || by.Loop is not null)
        {
            from.Loop?.IsThere = true;
            by.Loop?.IsThere = true;
        }
        else if (!seen.IsCut && Loser(from, by, now) is { } loser)
        {
            TakeOut(loser, loser == by ? from : by, now);
        }
    }

    /// <summary>Null: nobody, or not yet.</summary>
    private PortState? Loser(PortState from, PortState by, long now)
    {
        if (from == by)
            return IsKept(by) ? null : by;
        // What is joined beside the switch on purpose, as the host and its uplink are, doesn't go round: the switch doesn't join it again.
        if (GroupOf(from) == GroupOf(by))
            return null;
        if (IsKept(from) != IsKept(by))
            return IsKept(by) ? from : by;
        if (by.CameUp > from.CameUp)
            return by;
        if (!_doubts.TryGetValue((from, by), out var since) || now - since > LongestDoubt)
            _doubts[(from, by)] = since = now;
        _again.Add(by.Bridge);
        return now - since > AnswerMilliseconds ? by : null;
    }

    private void TakeOut(PortState loser, PortState other, long now)
    {
        _doubts.Clear();
        loser.Loop = new(other);
        loser.Loop.Wait(now);
        loser.Bridge.Loops.HasCut = true;
        lifecycle.Refresh(loser);
        // Behind a port that stays are those of a LAN or the host: whoever could have a guest's port taken out could have all of them
        // forgotten. Who was heard there by mistake is heard where he is with his next frame.
        if (IsKept(other))
            return;
        Forget(other);
        _misled.Add(other);
    }

    /// <summary>Another switch's probe goes on also where nothing else does.</summary>
    private void Pass(Bridge bridge, byte[] probe)
    {
        PortState[] cut = [.. ports().Where(state => state.Bridge == bridge && state is { Loop: not null, Membership: not null })];
        if (cut.Length > 0 && bridge.Loops.Pass(probe, cut.Select(state => state.Membership!)) is { Count: > 0 } passed)
            workers.First.Probe(passed, e => news.TellMistake(cut[0], e));
    }

    private static void Forget(PortState state)
    {
        if (state.Membership is { } member)
            member.Bridge.Forget(member);
    }

    private PortState? Of(Membership member) => Array.Find(ports(), state => state.Membership == member);

    /// <summary>Ports of one group don't hear each other. One without is alone.</summary>
    private static int GroupOf(PortState state) => state.Membership switch
    {
        { Group: not 0 and var group } => -group,
        { Slot: var slot } => slot,
        null => 0,
    };

    private bool IsKept(PortState state) => PortKinds.Find(state.Model.Kind) is not { LeadsToLan: false } || isBrought(state);
}
