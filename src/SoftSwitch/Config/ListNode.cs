namespace SoftSwitch.Config;

internal sealed record ListNode(Position At, IReadOnlyList<ConfigNode> Items) : ConfigNode(At);
