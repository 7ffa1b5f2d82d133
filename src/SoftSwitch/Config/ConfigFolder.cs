using SoftSwitch.Bounds;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Config;

/// <summary>
/// A folder whose files are one configuration, such as a team's each: all its <c>*.yaml</c> that aren't hidden, in the order of their
/// names. Networks and ports of all files stand side by side; what is named twice, or any other key that stands in two files, is a mistake
/// that tells both places.
/// </summary>
internal static class ConfigFolder
{
    public static bool IsOne(string path) => path.Length > 0 && Directory.Exists(path);

    /// <summary>Null, with each mistake reported, where the folder or one of its files can't be read.</summary>
    public static IReadOnlyList<ConfigPart>? Load(string folder, MistakeList mistakes)
    {
        List<string> files;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*.yaml").Where(file => !Path.GetFileName(file).StartsWith('.'))
                .Take(ProgramLimits.ConfigFiles.Most + 1)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            mistakes.Add(default, $"can't be read: {e.Message}".ReplaceLineEndings(" "));
            return null;
        }
        if (files.Count == 0)
            mistakes.Add(default, "no file in it is called NAME.yaml: write one, such as networks.yaml");
        else if (files.Count > ProgramLimits.ConfigFiles.Most)
            mistakes.Add(default, $"more than {ProgramLimits.ConfigFiles.Most} files called NAME.yaml: a configuration needs fewer");
        else
        {
            List<ConfigPart> parts = [];
            foreach (var file in files.Order(StringComparer.Ordinal))
            {
                var own = new MistakeList(file);
                if (ConfigText.Load(file, own) is { } text)
                    parts.Add(new(file, text));
                mistakes.Add(own.Sorted());
            }
            if (parts.Sum(part => (long)part.Text.Length) > MostLetters)
                mistakes.Add(default, "its files are larger than 4 MiB together: a configuration needs less");
            else if (!mistakes.Any)
                return parts;
        }
        return null;
    }

    /// <summary>All files together; null: nothing stands in any of them.</summary>
    public static MapNode? Together(IReadOnlyList<MapNode> roots, MistakeList mistakes)
    {
        if (roots.Count == 0)
            return null;
        var entries = new OrderedDictionary<string, MapEntry>();
        foreach (var entry in roots.SelectMany(root => root.Entries))
        {
            if (!entries.TryGetValue(entry.Key, out var first))
                entries.Add(entry.Key, entry);
            else if (IsShared(entry.Key) && first.Value is MapNode before && entry.Value is MapNode after)
                entries[entry.Key] = first with { Value = Joined(before, after, entry.Key.TrimEnd('s'), mistakes) };
            else if (IsShared(entry.Key) && entry.Value is not MapNode)
                mistakes.Add(entry.At, $"{Shown.Quote(entry.Key)} is no map: write names below it, or leave it out here");
            else
                mistakes.Add(entry.At, Twice($"key {Shown.Quote(entry.Key)}", first.At));
        }
        return new(roots[0].At, [.. entries.Values]);
    }

    /// <summary>UTF-16 code units of all files.</summary>
    private const int MostLetters = 4 * 1024 * 1024;

    private static bool IsShared(string key) => key == SwitchKeys.Networks.Name || key == SwitchKeys.Ports.Name;

    private static MapNode Joined(MapNode before, MapNode after, string noun, MistakeList mistakes)
    {
        var places = before.Entries.ToDictionary(entry => entry.Key, entry => entry.At);
        var entries = before.Entries.ToList();
        foreach (var entry in after.Entries)
        {
            if (places.TryAdd(entry.Key, entry.At))
                entries.Add(entry);
            else
                mistakes.Add(entry.At, Twice($"{noun} {Shown.Quote(entry.Key)}", places[entry.Key]));
        }
        return new(before.At, entries);
    }

    private static string Twice(string what, Position first) =>
        $"{what} stands here a second time, the first is at {first}: keep one of them";
}
