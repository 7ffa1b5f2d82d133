namespace SoftSwitch.Model;

/// <summary>TCP and UDP ports, and ICMP query identifiers, from the first to the last, both included; 1 to 65535.</summary>
public readonly record struct PortPool(int First, int Last)
{
    /// <summary>The default where the host's address is shared: below Linux's ephemeral ports (32768) and Kubernetes' node ports
    /// (30000).</summary>
    public static PortPool OfHost { get; } = new(16384, 29999);

    /// <summary>The default for an address of its own: all there are. Inside ports below 1024 stay below there, the others above (RFC 4787,
    /// REQ-3a).</summary>
    public static PortPool OfOwnAddress { get; } = new(1, 65535);

    public int Count => Last - First + 1;

    public bool Contains(int port) => port >= First && port <= Last;

    public bool Overlaps(PortPool other) => First <= other.Last && other.First <= Last;

    public override string ToString() => $"{First}-{Last}";
}
