using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Finds loops of a bridge: two ports that something joins behind them, or one that brings back what it was sent.
/// <para>
/// A loop shows at once: stations are heard behind ports where they aren't, or a port floods without end. That alone proves nothing, for a
/// guest can pretend it. So it only makes us ask: each port sends a <see cref="LoopProbe"/> with a token of its own, new each time, which
/// nobody can know but who is behind that port. Where it comes in again, there is a way from one port to the other. A quiet network never
/// hears one.
/// </para>
/// <para>
/// <b>Two switches with two cables</b> may both find the loop, and cut it. What one asks would then come back no more, and both would
/// let it go round again. So others' probes go on also by a port that is taken out, marked with who lets nothing else go there. Who has
/// cut a loop too and has the lower <see cref="_number"/> joins it again: the other's cut is enough.
/// </para>
/// Workers suspect and hear; the control plane asks, and decides what is to become of it.
/// </summary>
/// <param name="bridge">Whose ports they are.</param>
public sealed class LoopWatch(Bridge bridge)
{
    /// <summary>Suspicions that make one ask, in so many seconds. One is no more than a guest that has moved.</summary>
    private const int EnoughSuspicions = 2, LongestMemory = 10;

    /// <summary>Sources: 02 and 40 bits.</summary>
    private const ulong LocalStation = 0x0200_0000_0000, AnyOfThem = 0x00FF_FFFF_FFFF;

    /// <summary>Tells those who cut a loop apart.</summary>
    private readonly ulong _number = (ulong)RandomNumberGenerator.GetInt32(1, int.MaxValue);

    /// <summary>Probes of others that have gone on. The control plane's.</summary>
    private readonly HashSet<UInt128> _passed = [];

    /// <summary>The latest and those before, by their tokens. Replaced whole.</summary>
    private volatile Dictionary<UInt128, SentProbe> _sent = [];
    private Dictionary<UInt128, SentProbe> _latest = [];
    private uint _since;
    private int _suspicions;
    private uint _suspected;
    private volatile bool _isSuspected;
    private volatile bool _hasCut;

    /// <summary>Called on a worker's thread, once a second at most: it is time to ask.</summary>
    public Action? Suspected { private get; set; }

    /// <summary>Called on a worker's thread: what the first has sent has come in by the second, which may be the same.</summary>
    public Action<LoopSighting>? Found { private get; set; }

    /// <summary>Called on a worker's thread: another's probe is to go on by the ports that are taken out, too.</summary>
    public Action<byte[]>? Passing { private get; set; }

    /// <summary>A port is taken out.</summary>
    public bool HasCut
    {
        get => _hasCut;
        set => _hasCut = value;
    }

    /// <summary>Makes a probe for each of some ports. What was made two calls ago is forgotten. Each has a source of its own, as new as its
    /// token: a station that somebody could know before could be heard by another port first, to be contested by this one.</summary>
    public IReadOnlyList<SentProbe> Ask(IEnumerable<Membership> outputs)
    {
        var before = _latest;
        _latest = [];
        UInt128 token = 0;
        ulong source = 0;
        foreach (var output in outputs)
        {
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<UInt128>(ref token)));
            RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref source)));
            _latest.Add(token, new(output, LoopProbe.Make(new(LocalStation | (source & AnyOfThem)), token)));
        }
        _sent = _latest.Concat(before).ToDictionary();
        return [.. _latest.Values];
    }

    /// <summary>Something has looked like a loop in the second in which we have asked, and it may be silent by now: it is time to ask
    /// again.</summary>
    public bool TakeSuspicion()
    {
        if (!_isSuspected)
            return false;
        _isSuspected = false;
        return true;
    }

    /// <summary>How another's probe goes on by ports that are taken out; empty: it has done so.</summary>
    /// <param name="probe">As it came.</param>
    /// <param name="outputs">The ports.</param>
    public IReadOnlyList<SentProbe> Pass(byte[] probe, IEnumerable<Membership> outputs)
    {
        if (!LoopProbe.TryRead(probe, out var token, out _) || !_passed.Add(token))
            return [];
        var cut = LoopProbe.Cut(probe, _number);
        return [.. outputs.Select(output => new SentProbe(output, cut))];
    }

    /// <summary>About once a second: others' probes may go on again. One that goes round is no more than that.</summary>
    public void Refill()
    {
        _passed.Clear();
        foreach (var member in bridge.View.Ports)
            member.PassedProbes = 0;
    }

    /// <summary>Something looks like a loop.</summary>
    internal void Suspect(Instant now)
    {
        if (now.Seconds - _since > LongestMemory)
            (_since, _suspicions) = (now.Seconds, 0);
        if (++_suspicions < EnoughSuspicions)
            return;
        if (_suspected == now.Seconds)
        {
            _isSuspected = true;
            return;
        }
        _suspected = now.Seconds;
        Suspected?.Invoke();
    }

    /// <summary>A frame is a probe of this bridge, which goes no further. Others' pass as any frame: they look for loops of their
    /// own.</summary>
    /// <param name="frame">As it came in.</param>
    /// <param name="input">The port.</param>
    internal bool Hears(ReadOnlySpan<byte> frame, Membership input)
    {
        if (!LoopProbe.TryRead(frame, out var token, out var cutBy) || input.Bridge != bridge)
            return false;
        if (!_sent.TryGetValue(token, out var probe))
        {
            if (_hasCut && bridge.View.Has(input) && input.PassedProbes++ < Limits.PassedProbes.Most)
                Passing?.Invoke(frame.ToArray());
            return false;
        }
        if (probe.IsToBeTold)
            Found?.Invoke(new(probe.Output, input, cutBy != 0, cutBy > _number));
        return true;
    }
}
