namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// UDP ports of a shared address from which somebody else, the host, has just spoken: what comes to them may be an answer to him. Two
/// generations of one bit a port, so that a port is remembered for one <see cref="Turn"/> at least and two at most;
/// <see cref="Napt.ExcludePorts"/> knows by then who is still there. Noting and asking is for any thread, without a lock; turning for one.
/// </summary>
public sealed class SpokenPorts
{
    private volatile ulong[] _now = new ulong[Words], _before = new ulong[Words];

    private const int Words = (ushort.MaxValue + 1) / 64;

    public void Note(ushort port)
    {
        ref var word = ref _now[port / 64];
        if ((Volatile.Read(ref word) & 1UL << port) == 0)
            Interlocked.Or(ref word, 1UL << port);
    }

    public bool Contains(ushort port) => ((Volatile.Read(ref _now[port / 64]) | Volatile.Read(ref _before[port / 64])) & 1UL << port) != 0;

    /// <summary>Forgets what was noted before the last turn.</summary>
    public void Turn()
    {
        // Who notes in what was new a moment ago is remembered for a turn as well.
        var oldest = _before;
        _before = _now;
        Array.Clear(oldest);
        _now = oldest;
    }
}
