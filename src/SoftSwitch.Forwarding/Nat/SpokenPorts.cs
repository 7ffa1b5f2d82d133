namespace SoftSwitch.Forwarding.Nat;

/// <summary>
/// UDP ports of a shared address from which the host has just spoken: what comes to them may be an answer to the host. One bit a port, in
/// two generations: a port is remembered until the second <see cref="Age"/> from then. By that time <see cref="Napt.ExcludePorts"/> has
/// been told which ports the host still uses. Any thread may note and ask, without a lock; one thread calls <see cref="Age"/>.
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

    /// <summary>Begins a new generation, and forgets the one before the last.</summary>
    public void Age()
    {
        // A thread that still notes in the last generation isn't lost: that one stays until the next call.
        var oldest = _before;
        _before = _now;
        Array.Clear(oldest);
        _now = oldest;
    }
}
