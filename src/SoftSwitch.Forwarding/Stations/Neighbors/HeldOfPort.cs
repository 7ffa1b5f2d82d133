namespace SoftSwitch.Forwarding.Stations.Neighbors;

/// <summary>Packets of one port that wait. Pooled.</summary>
internal sealed class HeldOfPort : HeldShare
{
    public HeldOfPort() => Place = new(this);

    /// <summary>The neighbors that they wait for; who is to be looked at next comes first.</summary>
    public LinkedList<HeldPair> Pairs { get; } = new();

    /// <summary>Its place in the ring of ports, or among those that are done with.</summary>
    public LinkedListNode<HeldOfPort> Place { get; }
}
