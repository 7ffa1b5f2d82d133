using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Live.Layer;

/// <summary>Whether nodes of the language say the same, wherever they stand.</summary>
internal static class NodeComparison
{
    /// <summary>The two say the same, in whatever order their keys are.</summary>
    public static bool Same(ConfigNode? first, ConfigNode? second) => ReferenceEquals(first, second) || (first, second) switch
    {
        (TextNode one, TextNode other) => one.Text == other.Text,
        (ListNode one, ListNode other) => one.Items.Count == other.Items.Count
            && one.Items.Zip(other.Items).All(pair => Same(pair.First, pair.Second)),
        (MapNode one, MapNode other) => one.Entries.Count == other.Entries.Count && SameEntries(one, other),
        _ => false,
    };

    private static bool SameEntries(MapNode one, MapNode other)
    {
        var others = other.Entries.ToDictionary(entry => entry.Key, entry => entry.Value);
        return one.Entries.All(entry => Same(entry.Value, others.GetValueOrDefault(entry.Key)));
    }
}
