namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Packets that wait and have something in common, in the order they came. Pooled.</summary>
internal sealed class HeldShare
{
    public const int Nobody = -1;

    public LinkedList<HeldFrame> Frames { get; } = new();

    /// <summary>Of a neighbor's: the worker that is sending them, or <see cref="Nobody"/>.</summary>
    public int Sender { get; set; } = Nobody;

    /// <summary>What they count for together.</summary>
    public int Bytes { get; set; }
}
