namespace SoftSwitch.Config.Yaml;

internal sealed record ListNode(Position At, IReadOnlyList<ConfigNode> Items) : ConfigNode(At);
