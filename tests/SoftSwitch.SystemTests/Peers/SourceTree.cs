namespace SoftSwitch.SystemTests.Peers;

/// <summary>Where the sources are: the folder of SoftSwitch.sln, above this test's own executable.</summary>
public static class SourceTree
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>Absolute path.</summary>
    public static string Root => Found.Value;

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "SoftSwitch.sln"))) return folder.FullName;
        throw new InvalidOperationException($"no SoftSwitch.sln above {AppContext.BaseDirectory}");
    }
}
