using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SoftSwitch.Tests.Architecture;

/// <summary>
/// Which folder of a project uses which, as its sources have it: a folder is a namespace, and a file uses another folder when it names a
/// type of that, and sees it by a using or because it is around its own. What comments and texts say doesn't count.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly Dictionary<string, SortedDictionary<string, string>> _arrows = [];

    /// <param name="project">A folder below src.</param>
    public FolderGraph(string project)
    {
        var files = Directory.EnumerateFiles(Path.Combine(Sources(), project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/"))
            .Select(file => (Name: Path.GetFileName(file), Text: File.ReadAllText(file))).ToList();
        var declared = files.SelectMany(file => Declaration().Matches(file.Text).Select(match => (Type: match.Groups[1].Value, Folder: FolderOf(file.Text))))
            .Distinct().ToLookup(type => type.Type, type => type.Folder);
        foreach (var (name, text) in files)
        {
            var folder = FolderOf(text);
            var seen = Using().Matches(text).Select(match => match.Groups[1].Value).ToHashSet();
            for (var end = folder.LastIndexOf('.'); end > 0; end = folder.LastIndexOf('.', end - 1))
                seen.Add(folder[..end]);
            foreach (var word in Word().Matches(NoCode().Replace(text, "")).Select(match => match.Value).Distinct())
            {
                foreach (var other in declared[word].Where(other => other != folder && seen.Contains(other)))
                    Add(folder, other, $"{name} uses {word}");
            }
        }
    }

    /// <summary>Arrows that lead back to where they began by others, with one use each.</summary>
    public IReadOnlyList<string> Circles() =>
    [
        .. from start in _arrows.Keys.Order()
           from arrow in _arrows[start]
           where Leads(arrow.Key, start, [])
           select $"{start} → {arrow.Key}: {arrow.Value}",
    ];

    private bool Leads(string from, string to, HashSet<string> visited) =>
        from == to || (visited.Add(from) && _arrows.TryGetValue(from, out var next) && next.Keys.Any(one => Leads(one, to, visited)));

    private void Add(string from, string to, string use)
    {
        if (!_arrows.TryGetValue(from, out var arrows))
            _arrows.Add(from, arrows = []);
        arrows.TryAdd(to, use);
    }

    private static string FolderOf(string text) => Namespace().Match(text).Groups[1].Value;

    private static string Sources([CallerFilePath] string here = "") => Path.GetFullPath("../../../src", Path.GetDirectoryName(here)!);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?: struct| class)?|delegate [\w<>?\[\]]+)\s+(\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^using [^\n]*|//[^\n]*|/\*.*?\*/|""(?:\\.|[^""\\\n])*""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NoCode();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Word();
}
