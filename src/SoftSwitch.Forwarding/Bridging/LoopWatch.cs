using System.Runtime.InteropServices;
using System.Security.Cryptography;
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
/// Workers suspect and hear; the control plane asks, and decides what is to become of it.
/// </summary>
/// <param name="bridge">Whose ports they are.</param>
public sealed class LoopWatch(Bridge bridge)
{
    /// <summary>Suspicions that make one ask, in so many seconds. One is no more than a guest that has moved.</summary>
    private const int EnoughSuspicions = 2, LongestMemory = 10;

    /// <summary>Sources: 02 and 40 bits.</summary>
    private const ulong LocalStation = 0x0200_0000_0000, AnyOfThem = 0x00FF_FFFF_FFFF;

    /// <summary>The latest and those before, by their tokens. Replaced whole.</summary>
    private volatile Dictionary<UInt128, SentProbe> _sent = [];
    private Dictionary<UInt128, SentProbe> _latest = [];
    private uint _since;
    private int _suspicions;
    private uint _suspected;
    private volatile bool _isSuspected;

    /// <summary>Called on a worker's thread, once a second at most: it is time to ask.</summary>
    public Action? Suspected { private get; set; }

    /// <summary>Called on a worker's thread: what the first has sent has come in by the second, which may be the same.</summary>
    public Action<Membership, Membership>? Found { private get; set; }

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
        if (!LoopProbe.TryRead(frame, out var token) || !_sent.TryGetValue(token, out var probe) || input.Bridge != bridge)
            return false;
        if (probe.IsToBeTold)
            Found?.Invoke(probe.Output, input);
        return true;
    }
}
