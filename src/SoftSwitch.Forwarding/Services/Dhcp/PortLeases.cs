namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What the clients behind one port have of a network's addresses.</summary>
/// <param name="port">Its name, by which they find their addresses again when it is another with the same name.</param>
internal sealed class PortLeases(string port)
{
    public string Port => port;

    /// <summary>Each client has one address.</summary>
    public Dictionary<DhcpClient, Lease> ByClient { get; } = new(DhcpClient.Comparer);

    /// <summary>Addresses that count for the port.</summary>
    public int Count { get; set; }

    /// <summary>Those that are only kept, and those that are only offered; who has waited longest is first.</summary>
    public LinkedList<Lease> Kept { get; } = new();

    /// <inheritdoc cref="Kept"/>
    public LinkedList<Lease> Offered { get; } = new();

    /// <summary>What the port gives up for a new one; null: nothing.</summary>
    public Lease? Least => (Kept.First ?? Offered.First)?.Value;
}
