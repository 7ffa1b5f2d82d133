using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Lab;

/// <summary>The executable where any user of this machine can start it, with a home and a folder that stands in for others. Removed on
/// disposal.</summary>
public sealed class ReadableCopy : IDisposable
{
    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public ReadableCopy()
    {
        Folder = Directory.CreateTempSubdirectory("softswitch-lab-").FullName;
        File.SetUnixFileMode(Folder, Everyone);
        EmptyFolder = Directory.CreateDirectory(Path.Combine(Folder, "empty")).FullName;
        File.SetUnixFileMode(EmptyFolder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var source = Path.GetDirectoryName(PublishedExecutable.Path)!;
        // A native executable is one file; a build for an installed runtime is all that lies beside it.
        foreach (var file in Directory.Exists(Path.Combine(source, "artifacts")) || !File.Exists(PublishedExecutable.Path + ".dll")
            ? [PublishedExecutable.Path] : Directory.GetFiles(source))
        {
            var copy = Path.Combine(Folder, Path.GetFileName(file));
            // Not by this process: a program that another test starts meanwhile would hold the copy open for writing, and nobody could
            // start it.
            Shell.RunAsCaller("cp", [file, copy]).Succeeded();
            File.SetUnixFileMode(copy, Everyone);
        }
        Executable = Path.Combine(Folder, Path.GetFileName(PublishedExecutable.Path));
    }

    public string Folder { get; }

    /// <summary>Nothing is in it, and only root may enter.</summary>
    public string EmptyFolder { get; }

    public string Executable { get; }

    /// <summary>Writes a file that everyone can read.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return path;
    }

    /// <summary>What to put before a program so that an ordinary user runs it.</summary>
    public IReadOnlyList<string> AsOrdinaryUser() =>
        ["env", $"HOME={Folder}", "SHELL=", Need.Tool("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"];

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
