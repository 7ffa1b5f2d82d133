namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Packets that wait and have something in common, in the order they came.</summary>
internal abstract class HeldShare
{
    public LinkedList<HeldFrame> Frames { get; } = new();

    /// <summary>What they count for together.</summary>
    public int Bytes { get; set; }
}
