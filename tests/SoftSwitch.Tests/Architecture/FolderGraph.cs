using System.Text.RegularExpressions;

namespace SoftSwitch.Tests.Architecture;

/// <summary>
/// Which folder uses which, as the sources have it: a folder is a namespace, and a file uses another folder when it names a type of that,
/// and sees it by a using, by the namespace in front of the name, or because it is around its own. What comments and texts say doesn't
/// count.
/// </summary>
internal sealed partial class FolderGraph
{
    private readonly Dictionary<string, SortedDictionary<string, string>> _arrows = [];

    public FolderGraph()
    {
        // What has no namespace, the program's first lines, stands above all.
        var files = SourceFile.All.Where(file => file.Namespace is not null).ToList();
        var declared = files
            .SelectMany(file => Declaration().Matches(file.Text).Select(match => (Type: match.Groups[1].Value, file.Folder))).Distinct()
            .ToLookup(type => type.Type, type => type.Folder);
        foreach (var file in files)
        {
            var code = NoCode().Replace(file.Text, "");
            var around = Around(file.Folder).ToList();
            var seen = Using().Matches(file.Text).Select(match => match.Groups[1].Value).Concat(around)
                .Concat(Qualifier().Matches(code).SelectMany(match => around.Select(one => $"{one}.{match.Groups[1].Value}"))).ToHashSet();
            foreach (var word in Word().Matches(code).Select(match => match.Value).Distinct())
            {
                foreach (var other in declared[word].Where(other => other != file.Folder && seen.Contains(other)))
                    Add(file.Folder, other, $"{file.Name} uses {word}");
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

    /// <summary>Which other projects each folder at the top of a project uses, those in it included.</summary>
    public IReadOnlyList<string> ArrowsBetweenProjects() =>
    [
        .. from start in _arrows
           from arrow in start.Value
           let other = SourceFile.ProjectOf(arrow.Key)
           where SourceFile.ProjectOf(start.Key) != other
           group other["SoftSwitch.".Length..] by SourceFile.TopOf(start.Key) into arrows
           orderby arrows.Key
           select $"{arrows.Key} → {string.Join(' ', arrows.Distinct().Order())}",
    ];

    private bool Leads(string from, string to, HashSet<string> visited) =>
        from == to || (visited.Add(from) && _arrows.TryGetValue(from, out var next) && next.Keys.Any(one => Leads(one, to, visited)));

    private void Add(string from, string to, string use)
    {
        if (!_arrows.TryGetValue(from, out var arrows))
            _arrows.Add(from, arrows = []);
        arrows.TryAdd(to, use);
    }

    /// <summary>The namespace itself, and those that it is in.</summary>
    private static IEnumerable<string> Around(string folder)
    {
        for (var end = folder.Length; end > 0; end = folder.LastIndexOf('.', end - 1))
            yield return folder[..end];
    }

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"\b((?:[A-Z]\w*\.)*[A-Z]\w*)\.[A-Z]")]
    private static partial Regex Qualifier();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record(?: struct| class)?|delegate [\w<>?\[\]]+)\s+(\w+)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^using [^\n]*|//[^\n]*|/\*.*?\*/|""(?:\\.|[^""\\\n])*""", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex NoCode();

    [GeneratedRegex(@"\b[A-Z]\w*")]
    private static partial Regex Word();
}
