using SoftSwitch.Config;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Live.Saving;

/// <summary>
/// A configuration with what was said at run time written into its text. What holds for a while only, or for a process, stays out: a file
/// is for good. An item goes into the file that it came from; what is new, in a folder, into one file of its own. The result is read again
/// and held against what runs: text that says anything else is never given out.
/// </summary>
internal sealed class SavedConfig
{
    /// <summary>The file of a folder that gets what is new.</summary>
    public const string NewFile = "softswitch-run-time.yaml";

    private const string NewText = "# Made at run time; written by softswitch config save\n";

    private SavedConfig(ConfigDocument document, RunTimeLayer left, IReadOnlyList<ConfigPart> parts, IReadOnlyList<string> lines)
    {
        (Document, Left, Parts, Lines) = (document, left, parts, lines);
    }

    /// <summary>The configuration as it is then.</summary>
    public ConfigDocument Document { get; }

    /// <summary>What stays said at run time.</summary>
    public RunTimeLayer Left { get; }

    /// <summary>The files that are to be written.</summary>
    public IReadOnlyList<ConfigPart> Parts { get; }

    /// <summary>The lines that differ, below the name of each file.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>What stays out and why, a line each.</summary>
    public IReadOnlyList<string> Notes => [.. Left.All.Select(one => $"{one.Noun.Word()} {one.Name} stays out of the file: "
        + (one.Item.Expires is null ? "its namespace is a process's" : "it holds for a while only"))];

    /// <summary>Null, with what is in the way, where it can't be written.</summary>
    public static SavedConfig? Of(ConfigDocument document, RunTimeLayer layer, out IReadOnlyList<string> obstacles)
    {
        obstacles = [];
        var saved = layer.Without((_, _, item) => StaysOut(item));
        var left = layer.Without((_, _, item) => !StaysOut(item));
        var mistakes = new MistakeList(document.Name);
        var target = LayeredConfig.Over(document.Root!, saved, mistakes);
        try
        {
            if (!mistakes.Any && Written(document, target) is var (after, parts, lines))
            {
                if (after.Compile(null) is { Ok: false } refused)
                {
                    obstacles = [.. refused.Mistakes.Select(mistake => mistake.ToString())];
                    if (left.Count > 0)
                    {
                        obstacles = [.. obstacles, "the file alone would have these mistakes: what holds for a while only, or for a "
                            + "process, stays out of it"];
                        return null;
                    }
                }
                else if (Says(after, left) is { } text && text == Says(document, layer))
                    return new(after, left, parts, lines);
            }
        }
        catch (CantPlaceException)
        {
            // What to write by hand is told.
        }
        obstacles = [.. obstacles, $"it has no neat place in {document.Name}: write it by hand, and reload:", .. ByHand(saved)];
        return null;
    }

    private static bool StaysOut(RunTimeItem item) => item.Expires is not null || item.Process is not null;

    private static (ConfigDocument After, IReadOnlyList<ConfigPart> Parts, IReadOnlyList<string> Lines) Written(
        ConfigDocument document, MapNode target)
    {
        var isFolder = document.Parts is not [var only] || only.Name != document.Name;
        var home = isFolder ? Path.Combine(document.Name, NewFile) : document.Name;
        var all = document.Parts.ToList();
        if (!all.Exists(part => part.Name == home))
            all.Add(new(home, ""));
        var roots = all.Select(part => ConfigDocument.Of(part.Name, part.Text).Root).ToList();
        List<ConfigPart> changed = [];
        List<string> lines = [];
        for (var i = 0; i < all.Count; i++)
        {
            var others = roots.Where((root, at) => at != i && root is not null).Select(root => root!).ToList();
            var wanted = Part(roots[i] ?? new(new(1, 1), []), target, all[i].Name == home ? others : null);
            if (NodeComparison.Same(roots[i] ?? new(new(1, 1), []), wanted))
                continue;
            var edits = Edited(all[i].Text, roots[i], wanted);
            var mark = all[i].Text.StartsWith('\uFEFF') ? "\uFEFF" : "";
            all[i] = all[i] with { Text = mark + edits.Apply() };
            changed.Add(all[i]);
            lines.AddRange([$"~ {all[i].Name}", .. edits.Lines()]);
        }
        all.RemoveAll(part => part.Text.Length == 0 && !document.Parts.Contains(part));
        return (isFolder ? ConfigDocument.OfFolder(document.Name, [.. all.OrderBy(part => part.Name, StringComparer.Ordinal)])
            : ConfigDocument.Of(document.Name, all[0].Text), changed, lines);
    }

    private static TextEdits Edited(string text, MapNode? root, MapNode wanted)
    {
        var edits = new TextEdits(text.TrimStart('\uFEFF'));
        if (root is not null)
        {
            new NodeEdits(edits).Change(root, wanted);
            return edits;
        }
        var head = text.Length == 0 ? NewText : text.EndsWith('\n') ? "" : edits.LineEnd;
        edits.Put(edits.Text.Length, edits.Text.Length,
            head + string.Concat(wanted.Entries.Select(entry => NodeText.Block(entry.Key, entry.Value, 0, edits.LineEnd))));
        return edits;
    }

    /// <summary>What one of the files is to say.</summary>
    /// <param name="root">What it says.</param>
    /// <param name="target">What all of them are to say.</param>
    /// <param name="others">All other files, where this one gets what is new.</param>
    private static MapNode Part(MapNode root, MapNode target, List<MapNode>? others)
    {
        var entries = root.Entries.ToList();
        foreach (var key in (string[])[SwitchKeys.Networks.Name, SwitchKeys.Ports.Name])
        {
            if (Names(target, key) is not { } all)
                continue;
            var at = entries.FindIndex(entry => entry.Key == key);
            var own = at >= 0 ? (entries[at].Value as MapNode)?.Entries ?? [] : [];
            var named = own.Select(entry => entry.Key).ToHashSet();
            var foreign = others?.SelectMany(other => Names(other, key)?.Entries ?? []).Select(entry => entry.Key).ToHashSet();
            MapEntry[] wanted =
                [.. all.Entries.Where(entry => named.Contains(entry.Key) || foreign?.Contains(entry.Key) == false)];
            if (at >= 0 && (wanted.Length > 0 || own.Count > 0))
                entries[at] = entries[at] with { Value = new MapNode(entries[at].Value.At, wanted) };
            else if (at < 0 && wanted.Length > 0)
                entries.Add(new(root.At, key, new MapNode(root.At, wanted)));
        }
        return root with { Entries = entries };
    }

    private static MapNode? Names(MapNode root, string key) => root.Of(key) as MapNode;

    /// <summary>All that would run, in an order that doesn't depend on the files; null: it has mistakes.</summary>
    private static string? Says(ConfigDocument document, RunTimeLayer layer) =>
        document.Compile(null, (root, mistakes) => LayeredConfig.Over(root, layer, mistakes)).Model is { } model
            ? ConfigJson.Write(model with
            {
                Networks = [.. model.Networks.OrderBy(network => network.Name, StringComparer.Ordinal)],
                Ports = [.. model.Ports.OrderBy(port => port.Name, StringComparer.Ordinal)],
            }) : null;

    private static IEnumerable<string> ByHand(RunTimeLayer layer) => layer.All.Select(one => one.Item.Kind switch
    {
        RunTimeKind.Removed => $"{one.Noun.Word()} {one.Name}: take it out",
        RunTimeKind.Changed => $"{one.Noun.Word()} {one.Name}: set {RunTimeText.Keys(one.Item)} (null: leave it out)",
        RunTimeKind.Replaced => $"{one.Noun.Word()} {one.Name}: write in its place {NodeText.Line(one.Item.Keys)}",
        _ => $"{one.Noun.Word()} {one.Name}: add {NodeText.Line(one.Item.Keys)}",
    });
}
