namespace SoftSwitch.Linux.Relays;

/// <summary>A client's conversation with a port, and the socket that carries it to the guest.</summary>
internal sealed class UdpSession(UdpEntrance entrance, UdpClientId client, UdpCarrier carrier, long now)
{
    internal UdpEntrance Entrance => entrance;

    /// <summary>Of the forward that it came to.</summary>
    internal UdpShare Share { get; } = entrance.ShareOf(client.LocalPort);

    internal UdpClientId Client => client;

    internal UdpCarrier Carrier => carrier;

    /// <summary>The last datagram of either direction, in milliseconds.</summary>
    internal long Heard { get; set; } = now;

    /// <summary>The guest has said something.</summary>
    internal bool IsAnswered { get; set; }
}
