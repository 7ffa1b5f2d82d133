using System.Collections.Immutable;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Live.Layer;

/// <summary>
/// What was said at run time, beside the file: networks, ports and forwards that were made, changed or removed. What runs is the file with
/// this over it (<see cref="LayeredConfig"/>). Immutable.
/// </summary>
internal sealed record RunTimeLayer
{
    private static readonly ImmutableSortedDictionary<string, RunTimeItem> s_none =
        ImmutableSortedDictionary.Create<string, RunTimeItem>(StringComparer.Ordinal);

    public static RunTimeLayer Empty { get; } = new();

    public ImmutableSortedDictionary<string, RunTimeItem> Networks { get; private init; } = s_none;

    public ImmutableSortedDictionary<string, RunTimeItem> Ports { get; private init; } = s_none;

    /// <summary>By their <see cref="ForwardName"/>.</summary>
    public ImmutableSortedDictionary<string, RunTimeItem> Forwards { get; private init; } = s_none;

    public int Count => Networks.Count + Ports.Count + Forwards.Count;

    /// <summary>How many of them hold for a while only.</summary>
    private int Passing { get; init; }

    /// <summary>How many of them are for a process.</summary>
    private int OfProcesses { get; init; }

    /// <summary>Some of them are for a process, which may end.</summary>
    public bool HasProcesses => OfProcesses > 0;

    public IEnumerable<(RunTimeNoun Noun, string Name, RunTimeItem Item)> All =>
        from noun in Enum.GetValues<RunTimeNoun>()
        from one in Of(noun)
        select (noun, one.Key, one.Value);

    /// <summary>When the next of them, behind a moment, is to be as in the file again; null: none will be.</summary>
    public DateTimeOffset? NextExpiry(DateTimeOffset after) =>
        Passing == 0 ? null : All.Select(one => one.Item.Expires).Where(time => time > after).Min();

    public ImmutableSortedDictionary<string, RunTimeItem> Of(RunTimeNoun noun) => noun switch
    {
        RunTimeNoun.Network => Networks,
        RunTimeNoun.Port => Ports,
        _ => Forwards,
    };

    public RunTimeItem? Of(RunTimeNoun noun, string name) => Of(noun).GetValueOrDefault(name);

    /// <param name="noun">What it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="item">What is to be said of it; null: nothing.</param>
    public RunTimeLayer With(RunTimeNoun noun, string name, RunTimeItem? item)
    {
        var all = item is null ? Of(noun).Remove(name) : Of(noun).SetItem(name, item);
        var before = Of(noun, name);
        var layer = noun switch
        {
            RunTimeNoun.Network => this with { Networks = all },
            RunTimeNoun.Port => this with { Ports = all },
            _ => this with { Forwards = all },
        };
        return layer with
        {
            Passing = Passing + One(item?.Expires is not null) - One(before?.Expires is not null),
            OfProcesses = OfProcesses + One(item?.Process is not null) - One(before?.Process is not null),
        };

        static int One(bool isOne) => isOne ? 1 : 0;
    }

    /// <summary>Without those that a test holds for.</summary>
    public RunTimeLayer Without(Func<RunTimeNoun, string, RunTimeItem, bool> goes) =>
        All.Where(one => goes(one.Noun, one.Name, one.Item)).Aggregate(this, (layer, one) => layer.With(one.Noun, one.Name, null));

    /// <summary>What is left of it beside a file (<see cref="LayeredConfig.Beside"/>).</summary>
    public RunTimeLayer Beside(MapNode root) => All.Aggregate(this, (layer, one) =>
        LayeredConfig.Beside(root, one.Noun, one.Name, one.Item) is var left && ReferenceEquals(left, one.Item)
            ? layer : layer.With(one.Noun, one.Name, left));

    /// <summary>A line that names what the file has and what isn't so; null: there is none. Who edits the file there sees nothing
    /// happen.</summary>
    public string? Hiding
    {
        get
        {
            string[] names = [.. All.Where(one => one.Item.Kind != RunTimeKind.Added).Select(one => $"{one.Noun.Word()} {one.Name}")];
            return names.Length == 0 ? null : $"not as the file has it, since it was changed at run time: {NearestWord.Some(names)} "
                + "(see: softswitch show run-time)";
        }
    }

    /// <summary>Those whose time is over.</summary>
    public IEnumerable<(RunTimeNoun Noun, string Name, RunTimeItem Item)> Over(DateTimeOffset now) =>
        Passing == 0 ? [] : All.Where(one => one.Item.Expires <= now);

    /// <summary>Those whose process has ended.</summary>
    public IEnumerable<(RunTimeNoun Noun, string Name, RunTimeItem Item)> Ended =>
        HasProcesses ? All.Where(one => one.Item.HasLostProcess) : [];
}
