using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>An address that one station alone gets.</summary>
public sealed record ReservationModel
{
    public MacAddress Mac { get; init; }

    public Ipv4Address Address { get; init; }

    /// <summary>The name by which the station is known; null: none.</summary>
    public string? Name { get; init; }
}
