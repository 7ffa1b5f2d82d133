namespace SoftSwitch.Config.Yaml;

/// <summary>Keys with values, in the order of the file; keys are unique.</summary>
internal sealed record MapNode(Position At, IReadOnlyList<MapEntry> Entries) : ConfigNode(At)
{
    /// <summary>It is written in braces.</summary>
    public bool IsFlow { get; init; }
}
