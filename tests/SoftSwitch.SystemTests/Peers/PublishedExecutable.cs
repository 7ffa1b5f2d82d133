using System.Security.Cryptography;
using System.Text;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// The executable under test, found or made once for a test run: what SOFTSWITCH_EXE names; else the sources published as
/// a native executable, kept in the folder for temporary files while no source is newer; else, on a machine without a
/// native linker, the framework-dependent build beside these tests. <see cref="Note"/> says which.
/// </summary>
public static class PublishedExecutable
{
    private static readonly TimeSpan PublishLimit = TimeSpan.FromMinutes(5);
    private static readonly Lazy<(string Path, string Note)> Chosen = new(Choose);

    /// <summary>Absolute path of the program "softswitch".</summary>
    public static string Path => Chosen.Value.Path;

    /// <summary>One line for the test output: what is being tested.</summary>
    public static string Note => Chosen.Value.Note;

    private static (string, string) Choose()
    {
        if (Environment.GetEnvironmentVariable("SOFTSWITCH_EXE") is { Length: > 0 } named)
        {
            var given = System.IO.Path.GetFullPath(named);
            if (!File.Exists(given)) Assert.Fail($"SOFTSWITCH_EXE names {given}, which does not exist");
            return (given, $"testing {given} (SOFTSWITCH_EXE)");
        }
        var linker = Need.Find("clang") ?? Need.Find("gcc");
        if (linker is null || !File.Exists("/usr/include/zlib.h"))
        {
            var built = System.IO.Path.Combine(AppContext.BaseDirectory, "softswitch");
            return (built, "testing the framework-dependent build; for the native executable: apt-get install clang zlib1g-dev");
        }
        var path = Publish();
        return (path, $"testing {path}, published from {SourceTree.Root}");
    }

    private static string Publish()
    {
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SourceTree.Root)))[..16];
        var folder = System.IO.Path.Combine(TemporaryFolder.Path, $"publish-{key}");
        var path = System.IO.Path.Combine(folder, "softswitch");
        Directory.CreateDirectory(folder);
        // One publish at a time, in whatever process.
        using var turn = Turn(System.IO.Path.Combine(folder, ".lock"));
        if (File.Exists(path) && File.GetLastWriteTimeUtc(path) > NewestSource()) return path;
        var result = Shell.RunAsCaller(
            "dotnet",
            ["publish", System.IO.Path.Combine(SourceTree.Root, "src/SoftSwitch"), "-c", "Release", "-o", folder,
             "--artifacts-path", System.IO.Path.Combine(folder, "artifacts")],
            PublishLimit).Succeeded();
        if (!File.Exists(path)) Assert.Fail($"publishing left no {path}\n{result}");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        return path;
    }

    private static FileStream Turn(string path)
    {
        for (var until = DateTime.UtcNow + PublishLimit; ; Thread.Sleep(200))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < until)
            {
                // Another test process publishes.
            }
        }
    }

    private static DateTime NewestSource()
    {
        var root = new DirectoryInfo(SourceTree.Root);
        var slash = System.IO.Path.DirectorySeparatorChar;
        return root.EnumerateFiles("Directory.*").Concat(root.EnumerateFiles("global.json"))
            .Concat(new DirectoryInfo(System.IO.Path.Combine(root.FullName, "src")).EnumerateFiles("*", SearchOption.AllDirectories)
                .Where(file => !file.FullName.Contains($"{slash}bin{slash}") && !file.FullName.Contains($"{slash}obj{slash}")))
            .Max(file => file.LastWriteTimeUtc);
    }
}
