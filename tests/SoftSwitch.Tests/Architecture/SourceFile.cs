using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace SoftSwitch.Tests.Architecture;

/// <summary>A file of <c>src</c>.</summary>
/// <param name="Path">From <c>src</c> on.</param>
/// <param name="Text">All of it.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    public static IReadOnlyList<SourceFile> All { get; } =
    [
        .. Directory.EnumerateFiles(Root(), "*.cs", SearchOption.AllDirectories)
            .Select(file => System.IO.Path.GetRelativePath(Root(), file))
            .Where(file => !file.Contains("/obj/") && !file.Contains("/bin/")).Order(StringComparer.Ordinal)
            .Select(file => new SourceFile(file, File.ReadAllText(System.IO.Path.Combine(Root(), file)))),
    ];

    public string Name => System.IO.Path.GetFileName(Path);

    public string? Namespace => NamespaceLine().Match(Text) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>With its project, as a namespace has it.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('/', '.');

    public static string ProjectOf(string folder) => new[] { "SoftSwitch.Packets", "SoftSwitch.Forwarding", "SoftSwitch.Linux" }
        .FirstOrDefault(project => folder == project || folder.StartsWith($"{project}.", StringComparison.Ordinal)) ?? "SoftSwitch";

    /// <summary>The project, with the first folder in it.</summary>
    public static string TopOf(string folder)
    {
        var project = ProjectOf(folder);
        return folder.IndexOf('.', int.Min(project.Length + 1, folder.Length)) is var end and > 0 ? folder[..end] : folder;
    }

    public static string Root([CallerFilePath] string here = "") =>
        System.IO.Path.GetFullPath("../../../src", System.IO.Path.GetDirectoryName(here)!);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
