using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Why the ways out lead where they do: the tables of the host whose routes were the answers, since anything has changed that an answer may
/// depend on. One thread writes, any reads: what is published is never changed.
/// </summary>
internal sealed class RouteReasons
{
    /// <summary>Of one way: more tell nobody more.</summary>
    private const int MostTables = 4;

    private volatile Dictionary<WayKey, uint[]> _tables = [];
    private volatile RoutingRules _rules = new(RuleSelectors.None, new Dictionary<uint, uint?>());

    /// <summary>Those of the host, as they were read last.</summary>
    public RoutingRules Rules
    {
        get => _rules;
        set => _rules = value;
    }

    /// <summary>A destination leads by a way.</summary>
    /// <param name="way">Which.</param>
    /// <param name="table">Whose route it is.</param>
    public void Note(WayKey way, uint table)
    {
        var known = _tables.GetValueOrDefault(way) ?? [];
        if (known.Length < MostTables && !known.Contains(table))
            _tables = new(_tables) { [way] = [.. known, table] };
    }

    /// <summary>Everything may be otherwise now.</summary>
    public void Clear()
    {
        if (_tables.Count > 0)
            _tables = [];
    }

    /// <summary>In words; null: nothing that guests have asked for leads there.</summary>
    public string? Of(WayKey way)
    {
        var rules = _rules;
        return _tables.TryGetValue(way, out var tables) ? string.Join("; ", tables.Order().Select(rules.Describe)) : null;
    }
}
