namespace SoftSwitch.Model;

/// <summary>The addresses that a network gives to its guests.</summary>
public sealed record DhcpModel
{
    /// <summary>Null: everything that is free.</summary>
    public AddressRange? Range { get; init; }

    public TimeSpan Lease { get; init; } = TimeSpan.FromHours(12);

    public ValueList<ReservationModel> Reservations { get; init; } = [];
}
