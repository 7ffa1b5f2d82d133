using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Config;

internal sealed record TimeoutsConfig
{
    public Located<TimeSpan>? Udp { get; init; }

    public Located<TimeSpan>? Tcp { get; init; }

    public Located<TimeSpan>? TcpTransitory { get; init; }

    public Located<TimeSpan>? Icmp { get; init; }
}
