using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Frames;

namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>A packet that waits for a neighbor's address. Pooled.</summary>
internal sealed class HeldFrame
{
    public HeldFrame() => (OfNeighbor, OfPort, ByAge) = (new(this), new(this), new(this));

    public OwnedFrame Frame { get; } = new();

    /// <summary>The packet as it came, and who is told if the neighbor doesn't answer.</summary>
    public Origin Origin { get; } = new();

    /// <summary>Whose it is, and for whom it waits.</summary>
    public HeldKey Key { get; set; }

    /// <summary>The place of the port that it came in by: what sending it uses up is that port's.</summary>
    public Membership? Input { get; set; }

    /// <summary>What it counts for, in bytes.</summary>
    public int Cost { get; set; }

    /// <summary>When it began to wait, in milliseconds.</summary>
    public long Since { get; set; }

    /// <summary>Its place among those that wait for its neighbor, in their order.</summary>
    public LinkedListNode<HeldFrame> OfNeighbor { get; }

    /// <summary>Its place among those of its port, in their order.</summary>
    public LinkedListNode<HeldFrame> OfPort { get; }

    /// <summary>Its place among all, the oldest first.</summary>
    public LinkedListNode<HeldFrame> ByAge { get; }
}
