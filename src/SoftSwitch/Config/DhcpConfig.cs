using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

internal sealed record DhcpConfig
{
    /// <summary>Where the key stands.</summary>
    public required Position At { get; init; }

    public bool Off { get; init; }

    public Located<AddressRange>? Range { get; init; }

    public Located<TimeSpan>? Lease { get; init; }

    public IReadOnlyList<ReservationConfig> Reservations { get; init; } = [];
}
