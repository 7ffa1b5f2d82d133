namespace SoftSwitch.Linux.Endpoints.HostNeighbor;

/// <summary>Frames of one port that wait, in the order they came. Pooled.</summary>
internal sealed class HostShare
{
    public LinkedList<HostFrame> Frames { get; } = new();

    /// <summary>What they count for together.</summary>
    public int Bytes { get; set; }
}
