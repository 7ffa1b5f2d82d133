namespace SoftSwitch.Forwarding.Bridging;

/// <summary>A <see cref="Packets.LoopProbe"/> of ours.</summary>
/// <param name="Output">The port that it goes out by.</param>
/// <param name="Frame">All of it.</param>
public sealed record SentProbe(Membership Output, byte[] Frame)
{
    /// <summary>Times that it is told when it comes back: one that goes round doesn't stop.</summary>
    private const int MostTold = 8;

    private int _told;

    internal bool IsToBeTold => Volatile.Read(ref _told) < MostTold && Interlocked.Increment(ref _told) <= MostTold;
}
