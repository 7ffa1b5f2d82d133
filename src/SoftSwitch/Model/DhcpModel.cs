using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>The addresses that a network gives to its guests.</summary>
public sealed record DhcpModel
{
    /// <summary>Null: everything that is free.</summary>
    public AddressRange? Range { get; init; }

    public TimeSpan Lease { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Addresses of the range that clients behind one port have at most.</summary>
    public int LeasesPerPort { get; init; } = 64;

    public ValueList<ReservationModel> Reservations { get; init; } = [];

    /// <summary>The router that guests are told; null: the gateway in nat, or none.</summary>
    public Ipv4Address? Router { get; init; }

    /// <summary>Where <see cref="Router"/> is null, and the network has a gateway of ours, guests are told that.</summary>
    public bool TellsGateway { get; init; } = true;

    /// <summary>Routes beside the default one.</summary>
    public ValueList<RouteModel> Routes { get; init; } = [];

    /// <summary>The resolvers that guests are told; empty: the gateway, where it is one.</summary>
    public ValueList<Ipv4Address> Dns { get; init; } = [];

    /// <summary>The domain that guests are told, where there is no DNS of ours; null: none.</summary>
    public string? Domain { get; init; }

    /// <summary>The domains in which guests look for names.</summary>
    public ValueList<string> Search { get; init; } = [];

    /// <summary>The servers of time.</summary>
    public ValueList<Ipv4Address> Ntp { get; init; } = [];

    /// <summary>Who has the file that a guest boots; null: the file says where it is, or there is none.</summary>
    public Ipv4Address? NextServer { get; init; }

    /// <summary>The file that a guest boots; null: none.</summary>
    public string? FileName { get; init; }

    /// <summary>What guests are told beside that.</summary>
    public ValueList<OptionModel> Options { get; init; } = [];

    /// <summary>The address that is reserved for the station with a name; null: none is.</summary>
    public Ipv4Address? AddressOf(string name)
    {
        foreach (var reservation in Reservations)
        {
            if (reservation.Name == name)
                return reservation.Address;
        }
        return null;
    }
}
