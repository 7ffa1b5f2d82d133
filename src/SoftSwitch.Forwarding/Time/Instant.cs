namespace SoftSwitch.Forwarding.Time;

/// <summary>A moment on a clock that never goes back, read once a turn, above everything that uses it, and passed down from
/// there.</summary>
/// <param name="Milliseconds">Since some start that all moments of a process share.</param>
public readonly record struct Instant(long Milliseconds)
{
    /// <summary>Whole seconds, enough for everything that ages; wraps after 136 years.</summary>
    public uint Seconds => (uint)(Milliseconds / 1000);

    public static Instant operator +(Instant instant, TimeSpan duration) => new(instant.Milliseconds + (long)duration.TotalMilliseconds);
}
