using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a network gives to its clients by DHCP. Immutable; the control plane replaces it whole.</summary>
public sealed record DhcpScope
{
    /// <summary>Addresses of a longer range that are given.</summary>
    public const int MostAddresses = 1 << 20;

    /// <summary>Ours, by which clients know us, in <see cref="Subnet"/>.</summary>
    public required Ipv4Address Server { get; init; }

    public required Ipv4Subnet Subnet { get; init; }

    /// <summary>The first and the last address that is given to whoever asks, both in <see cref="Subnet"/>.</summary>
    public required (Ipv4Address First, Ipv4Address Last) Range { get; init; }

    /// <summary>Addresses in the range that somebody has by other means.</summary>
    public IReadOnlyList<Ipv4Address> Taken { get; init; } = [];

    /// <summary>By the client's identifier, or by a 1 and its MAC address (<see cref="DhcpClient"/>).</summary>
    public Dictionary<DhcpClient, DhcpReservation> Reservations { get; init; } = new(DhcpClient.Comparer);

    public required TimeSpan LeaseTime { get; init; }

    /// <summary>Addresses of the range that the clients behind one port have at most.</summary>
    public required int MostOfPort { get; init; }

    /// <summary>What clients are told beside their address, its mask and its times.</summary>
    public DhcpOptionValue[] Options { get; init; } = [];

    /// <summary>What clients are told at a code; null: nothing.</summary>
    public DhcpOptionValue? Find(byte code)
    {
        foreach (var option in Options)
        {
            if (option.Code == code)
                return option;
        }
        return null;
    }

    /// <summary>The server of a boot's next step (siaddr), and the file to ask it for; null: none.</summary>
    public (Ipv4Address Server, ReadOnlyMemory<byte> File)? Boot { get; init; }
}
