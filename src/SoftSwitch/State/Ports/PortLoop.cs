namespace SoftSwitch.State.Ports;

/// <summary>A port is taken out, because it is part of a loop.</summary>
/// <param name="from">The port whose frames have come back by it.</param>
internal sealed class PortLoop(PortState from)
{
    private const int ShortestMilliseconds = 3_000;
    private const int LongestMilliseconds = 30_000;

    private int _pause = ShortestMilliseconds;

    /// <summary>The port whose frames have come back by it, which may be the same.</summary>
    public PortState From => from;

    /// <summary>Whether the loop is still there was asked, and the answers are due by <see cref="Next"/>.</summary>
    public bool IsAsked { get; set; }

    /// <summary>The answer was yes.</summary>
    public bool IsThere { get; set; }

    /// <summary>When it goes on.</summary>
    public long Next { get; set; }

    /// <summary>Why the port is out, for people.</summary>
    public string Reason(PortState state) => from == state
        ? "a loop: whatever it is sent comes back by it; it takes part again when it no longer does"
        : $"a loop: whatever port {from.Model.Name} is sent comes back by this one, something joins the two (a bridge in a guest, a second "
            + "cable); it takes part again when they are parted";

    /// <summary>It is there: the next pause is longer.</summary>
    public void Wait(long now)
    {
        (IsAsked, IsThere, Next) = (false, false, now + _pause);
        _pause = int.Min(2 * _pause, LongestMilliseconds);
    }
}
