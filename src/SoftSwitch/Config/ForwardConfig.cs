using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Config;

internal sealed record ForwardConfig
{
    public Located<PortRange>? From { get; init; }

    public Located<ForwardTarget>? To { get; init; }
}
