using SoftSwitch.Forwarding.Bridging;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Packets that wait and have something in common, in the order they came. Pooled.</summary>
internal sealed class HeldShare
{
    public LinkedList<HeldFrame> Frames { get; } = new();

    /// <summary>Of a neighbor's: the turn that is sending them; null: none is.</summary>
    public Turn? Sender { get; set; }

    /// <summary>What they count for together.</summary>
    public int Bytes { get; set; }
}
