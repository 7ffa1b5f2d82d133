using SoftSwitch.Config.Writing;

namespace SoftSwitch.State.Changes;

/// <summary>A key that says something else.</summary>
/// <param name="Key">As it stands in the file.</param>
/// <param name="Before">What it said, as it is written; null: it is left out.</param>
/// <param name="After">What it says.</param>
internal sealed record KeyChange(string Key, string? Before, string? After)
{
    /// <summary>Where they differ, for people: of a list of maps what comes and goes, of a map its keys.</summary>
    private string Text { get; init; } = $"{Key}: {Before ?? "left out"} → {After ?? "left out"}";

    /// <param name="key">As it stands in the file.</param>
    /// <param name="before">What it said; null: it is left out.</param>
    /// <param name="after">What it says.</param>
    public static KeyChange Between(string key, WrittenValue? before, WrittenValue? after) =>
        new(key, Line(before), Line(after)) { Text = string.Join(", ", Differences(key, before, after)) };

    public override string ToString() => Text;

    private static IEnumerable<string> Differences(string key, WrittenValue? before, WrittenValue? after)
    {
        if ((before, after) is (WrittenMap was, WrittenMap becomes))
        {
            return from one in was.Keys.Select(entry => entry.Key).Union(becomes.Keys.Select(entry => entry.Key))
                   let old = Of(was, one)
                   let changed = Of(becomes, one)
                   where Line(old) != Line(changed)
                   from difference in Differences($"{key}.{one}", old, changed)
                   select difference;
        }
        if (before is null or WrittenList && after is null or WrittenList)
        {
            var (old, changed) = (Maps(before), Maps(after));
            string[] items = [.. old.Except(changed).Select(item => $"- {item}"), .. changed.Except(old).Select(item => $"+ {item}")];
            if (items.Length > 0)
                return [$"{key}: {string.Join(", ", items)}"];
        }
        return [$"{key}: {Line(before) ?? "left out"} → {Line(after) ?? "left out"}"];
    }

    private static WrittenValue? Of(WrittenMap map, string key) => map.Keys.FirstOrDefault(entry => entry.Key == key).Value;

    private static string[] Maps(WrittenValue? list) =>
        [.. ((list as WrittenList)?.Items ?? []).OfType<WrittenMap>().Select(YamlText.Line)];

    private static string? Line(WrittenValue? value) => value is null ? null : YamlText.Line(value);
}
