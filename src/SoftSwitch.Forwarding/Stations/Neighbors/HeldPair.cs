namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>What one port has waiting for one neighbor. Pooled.</summary>
internal sealed class HeldPair
{
    public HeldPair() => Place = new(this);

    public HeldKey Key { get; set; }

    public int Bytes { get; set; }

    /// <summary>Its place among those of its port.</summary>
    public LinkedListNode<HeldPair> Place { get; }

    /// <summary>The latest round in which it was looked at.</summary>
    public int Round { get; set; }
}
