namespace SoftSwitch.Forwarding.Nat;

/// <summary>What one sender has of a <see cref="FragmentShares"/>. Pooled.</summary>
internal sealed class FragmentSender
{
    public FragmentSender() => Place = new(this);

    public FragmentKey Key { get; set; }

    /// <summary>Its packets, the oldest first.</summary>
    public LinkedList<FragmentedPacket> Packets { get; } = new();

    /// <summary>Fragments that wait, of all of them.</summary>
    public int Held { get; set; }

    /// <summary>Its place among those with as many packets.</summary>
    public LinkedListNode<FragmentSender> Place { get; }
}
