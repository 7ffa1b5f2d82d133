using SoftSwitch.Config.Yaml;
using SoftSwitch.Packets;

namespace SoftSwitch.Config;

internal sealed record ReservationConfig
{
    public Located<MacAddress>? Mac { get; init; }

    public Located<Ipv4Address>? Address { get; init; }

    public Located<string>? Name { get; init; }
}
