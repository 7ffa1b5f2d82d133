using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Services.Dhcp;

/// <summary>What a network gives to its clients by DHCP. Immutable; the control plane replaces it whole.</summary>
public sealed record DhcpScope
{
    /// <summary>Addresses of a longer range that are given.</summary>
    public const int MostAddresses = 1 << 20;

    private readonly DhcpOptionValue?[] _byCode = new DhcpOptionValue?[byte.MaxValue + 1];

    /// <summary>Ours, by which clients know us, in <see cref="Subnet"/>.</summary>
    public required Ipv4Address Server { get; init; }

    public required Ipv4Subnet Subnet { get; init; }

    /// <summary>The first and the last address that is given to whoever asks, both in <see cref="Subnet"/>.</summary>
    public required (Ipv4Address First, Ipv4Address Last) Range { get; init; }

    /// <summary>Addresses in the range that somebody has by other means.</summary>
    public IReadOnlyList<Ipv4Address> Taken { get; init; } = [];

    /// <summary>Addresses that one station alone gets, by the source of its frames.</summary>
    public Dictionary<MacAddress, DhcpReservation> ByMac { get; init; } = [];

    /// <summary>Addresses that one client alone gets, by the identifier that it says.</summary>
    public Dictionary<DhcpClient, DhcpReservation> ByClient { get; init; } = new(DhcpClient.Comparer);

    /// <summary>All of them; one may stand there twice.</summary>
    public IEnumerable<DhcpReservation> Reservations => ByMac.Values.Concat(ByClient.Values);

    public required TimeSpan LeaseTime { get; init; }

    /// <summary>Addresses of the range that the clients behind one port have at most.</summary>
    public required int MostOfPort { get; init; }

    /// <summary>What clients are told beside their address, its mask and its times; what they need most comes first.</summary>
    public DhcpOptionValue[] Options
    {
        get;
        init
        {
            field = value;
            _byCode = new DhcpOptionValue?[byte.MaxValue + 1];
            foreach (var option in value)
                _byCode[option.Code] ??= option;
        }
    } = [];

    /// <summary>What clients are told at a code; null: nothing.</summary>
    public DhcpOptionValue? Find(byte code) => _byCode[code];

    /// <summary>The server of a boot's next step (siaddr; zero: none), and the file to ask it for (empty: none); null: neither.</summary>
    public (Ipv4Address Server, ReadOnlyMemory<byte> File)? Boot { get; init; }
}
