namespace SoftSwitch.Config.Yaml;

/// <summary>Keys with values, in the order of the file; keys are unique.</summary>
internal sealed record MapNode(Position At, IReadOnlyList<MapEntry> Entries) : ConfigNode(At)
{
    /// <summary>What a key has; null: it isn't there.</summary>
    public ConfigNode? Of(string key) => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The same where it is a text.</summary>
    public string? TextOf(string key) => (Of(key) as TextNode)?.Text;

    /// <summary>It is written in braces.</summary>
    public bool IsFlow { get; init; }
}
