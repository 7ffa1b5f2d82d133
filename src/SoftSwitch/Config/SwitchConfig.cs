using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

// What the user wrote: every value with its place, nothing filled in, and null for what is absent or was refused while
// reading (its mistake is told then). A configuration is read (SwitchReader), checked as a whole (SwitchCheck), held against
// what is built (Availability), and compiled (ModelCompiler); nobody else sees these types.

internal sealed record SwitchConfig
{
    public required IReadOnlyList<NetworkConfig> Networks { get; init; }

    public required IReadOnlyList<PortConfig> Ports { get; init; }

    public Located<int>? Workers { get; init; }

    public IReadOnlyList<Located<int>> Cpus { get; init; } = [];

    public Located<PollMode>? Poll { get; init; }

    public Located<string>? Listen { get; init; }

    public Located<string>? State { get; init; }
}
