namespace SoftSwitch.Linux.Relays;

/// <summary>A client of <see cref="UdpUnanswered"/>.</summary>
internal sealed class UnansweredClient
{
    internal UnansweredClient((uint Address, ushort Port) id)
    {
        Id = id;
        Place = new(this);
    }

    internal (uint Address, ushort Port) Id { get; }

    /// <summary>Its conversations that the guest never answered, oldest first.</summary>
    internal LinkedList<UdpSession> Sessions { get; } = new();

    /// <summary>Its place among the clients that have as many.</summary>
    internal LinkedListNode<UnansweredClient> Place { get; }
}
