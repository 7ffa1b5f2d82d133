namespace SoftSwitch.Forwarding.Routing;

/// <summary>Packets that wait and have something in common, in the order they came. Pooled.</summary>
internal sealed class HeldShare
{
    public LinkedList<HeldFrame> Frames { get; } = new();

    /// <summary>What they count for together.</summary>
    public int Bytes { get; set; }
}
