using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Checks;

/// <summary>A file as it was read: what it says and where, with its defaults and without what was refused.</summary>
internal sealed record SwitchEntry
{
    public required IReadOnlyList<Entry<NetworkModel>> Networks { get; init; }

    public required IReadOnlyList<Entry<PortModel>> Ports { get; init; }

    public Located<int>? Workers { get; init; }

    public IReadOnlyList<Located<int>> Cpus { get; init; } = [];
}
