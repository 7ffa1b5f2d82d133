namespace SoftSwitch.Linux.Netlink;

/// <summary>What is known of the host's rules for routing.</summary>
/// <param name="LookAt">What they look at.</param>
/// <param name="Priorities">The tables that they lead to, each with the priority of its rule; null: several rules lead there.</param>
public sealed record RoutingRules(RuleSelectors LookAt, IReadOnlyDictionary<uint, uint?> Priorities)
{
    private const uint Default = 253, Main = 254, Local = 255;

    /// <summary>A table whose route was the answer, and the rule that led there, where only one can be it.</summary>
    public string Describe(uint table) => Priorities.TryGetValue(table, out var rule) && rule is { } priority
        ? $"rule {priority}, {NameOf(table)}" : NameOf(table);

    internal static string NameOf(uint table) => table switch
    {
        Default => "table default",
        Main => "table main",
        Local => "table local",
        _ => $"table {table}",
    };
}
