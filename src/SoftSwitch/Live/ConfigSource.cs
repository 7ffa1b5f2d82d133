using SoftSwitch.Config;

namespace SoftSwitch.Live;

/// <summary>Where the configuration of a running switch is written: what it was started with, read anew at each reload.</summary>
/// <param name="path">The file or the folder, as the user named it.</param>
internal sealed class ConfigSource(string path)
{
    /// <summary>It by its whole path, for messages.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Reads it.</summary>
    public ConfigDocument Load() => ConfigDocument.Load(Path);
}
