using SoftSwitch.Config.Checks;

namespace SoftSwitch.Config;

// The way of a configuration: bytes (ConfigText) to nodes with places (YamlReader, ConfigDocument), by the rows of the language
// (SwitchKeys) to a model and, beside it, the places of what the user wrote (SwitchEntry), which are held together (SwitchCheck). Each
// step reports all it finds and the next one goes on, but for two: text that is no YAML ends the reading, and a file with a mistake has no
// model.
// Nothing here touches the machine beyond reading the file: whether an interface exists is found out when it is opened. All that a
// check may be told of the machine, by its caller, is its addresses: which of its interfaces has one to share, and which are taken.

/// <summary>Reads configurations. Thread-safe; mistakes of the user are results, never exceptions.</summary>
public static class ConfigFile
{
    /// <param name="path">The file, or a folder with files.</param>
    /// <param name="host">Gives the addresses of the machine that will run this, <see cref="HostAddresses.Read()"/>; asked only where the
    /// file depends on them. Left out: the file isn't held against any machine.</param>
    public static ConfigResult Load(string path, Func<HostAddresses?>? host = null) => ConfigDocument.Load(path).Compile(host);

    /// <param name="name">What mistakes call the file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="host">As for <see cref="Load"/>.</param>
    public static ConfigResult Parse(string name, string text, Func<HostAddresses?>? host = null) =>
        ConfigDocument.Of(name, text).Compile(host);

    /// <summary>Reads what <see cref="ConfigJson"/> wrote of a model, however long that is.</summary>
    public static ConfigResult ParseJson(string name, string json) => ConfigDocument.OfJson(name, json).Compile(null);
}
