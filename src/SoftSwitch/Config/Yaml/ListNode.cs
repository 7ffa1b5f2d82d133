namespace SoftSwitch.Config.Yaml;

internal sealed record ListNode(Position At, IReadOnlyList<ConfigNode> Items) : ConfigNode(At)
{
    /// <summary>It is written in brackets.</summary>
    public bool IsFlow { get; init; }
}
