namespace SoftSwitch.Tests.Docs;

/// <summary>The sources: the folder of SoftSwitch.sln, above this test's own executable.</summary>
internal static class Tree
{
    public static string Root { get; } = Find(new(AppContext.BaseDirectory));

    /// <summary>The pages of the tree, by paths from its root.</summary>
    public static IEnumerable<string> Pages => Directory.EnumerateFiles(Root, "*.md", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file)).Where(file => !file.Split('/').Any(folder => folder is "bin" or "obj" or ".git"));

    private static string Find(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "SoftSwitch.sln"))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException($"no SoftSwitch.sln above {AppContext.BaseDirectory}"));
}
