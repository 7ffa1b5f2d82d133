namespace SoftSwitch.Linux.Relays;

/// <summary>What one forward has of the conversations: a port that a socket keeps, or a wide range. The relay's thread alone uses
/// it.</summary>
internal sealed class UdpShare
{
    internal UdpShare() => Place = new(this);

    /// <summary>Its conversations.</summary>
    internal int Count { get; set; }

    /// <summary>Those that the guest never answered, oldest first.</summary>
    internal LinkedList<UdpSession> Unanswered { get; } = new();

    /// <summary>Its place among the forwards that have as many of these.</summary>
    internal LinkedListNode<UdpShare> Place { get; }
}
