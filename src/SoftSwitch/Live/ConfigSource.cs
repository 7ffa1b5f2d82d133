using SoftSwitch.Config;
using SoftSwitch.Config.Checks;

namespace SoftSwitch.Live;

/// <summary>Where the configuration of a running switch is written: what it was started with, read anew at each reload.</summary>
/// <param name="path">The file, as the user named it.</param>
internal sealed class ConfigSource(string path)
{
    /// <summary>The file by its whole path, for messages.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Reads it, and holds it against the addresses of this machine.</summary>
    public ConfigResult Load() => ConfigFile.Load(Path, HostAddresses.Read);
}
