using SoftSwitch.Packets;

namespace SoftSwitch.Model;

/// <summary>An address that one station alone gets: that with a MAC address, or that which says to be a client.</summary>
public sealed record ReservationModel
{
    /// <summary>Null: it is by <see cref="Client"/>.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The identifier that the client says (option 61): its bytes in small hexadecimal letters with colons, or a text. Null: it is
    /// by <see cref="Mac"/>.</summary>
    public string? Client { get; init; }

    public Ipv4Address Address { get; init; }

    /// <summary>The name by which the station is known; null: none.</summary>
    public string? Name { get; init; }
}
