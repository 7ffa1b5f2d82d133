namespace SoftSwitch.Config;

internal sealed record ForwardConfig
{
    public Located<PortRange>? From { get; init; }

    public Located<ForwardTarget>? To { get; init; }
}
