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
