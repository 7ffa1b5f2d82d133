using SoftSwitch.Config.Checks;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

// The way of a configuration: bytes (ConfigText) to nodes with places (YamlReader), by the rows of the language (SwitchKeys) to a model
// and, beside it, the places of what the user wrote (SwitchEntry), which are held together (SwitchCheck). Each step reports all it finds
// and the next one goes on, but for two: text that is no YAML ends the reading, and a file with a mistake has no model.
// Nothing here touches the machine beyond reading the file: whether an interface exists is found out when it is opened. All that a
// check may be told of the machine, by its caller, is its addresses: which of its interfaces has one to share, and which are taken.

/// <summary>Reads configurations. Thread-safe; mistakes of the user are results, never exceptions.</summary>
public static class ConfigFile
{
    /// <param name="path">The file.</param>
    /// <param name="host">Gives the addresses of the machine that will run this, <see cref="HostAddresses.Read()"/>; asked only where the
    /// file depends on them. Left out: the file isn't held against any machine.</param>
    public static ConfigResult Load(string path, Func<HostAddresses?>? host = null)
    {
        // A file without a name is called so, too.
        var mistakes = new MistakeList(path.Length > 0 ? path : "''");
        return ConfigText.Load(path, mistakes) is { } text ? Parse(text, mistakes, host) : ConfigResult.Refused(mistakes);
    }

    /// <param name="name">What mistakes call the file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="host">As for <see cref="Load"/>.</param>
    public static ConfigResult Parse(string name, string text, Func<HostAddresses?>? host = null) =>
        Parse(text, new MistakeList(name), host);

    /// <summary>Reads what <see cref="ConfigJson"/> wrote of a model, however long that is.</summary>
    public static ConfigResult ParseJson(string name, string json) => Compile(json, new(name), null);

    private static ConfigResult Parse(string text, MistakeList mistakes, Func<HostAddresses?>? host) =>
        ConfigText.Check(ref text, mistakes) && YamlLetters.Check(text, mistakes)
            ? Compile(text, mistakes, host) : ConfigResult.Refused(mistakes);

    private static ConfigResult Compile(string text, MistakeList mistakes, Func<HostAddresses?>? host)
    {
        var root = YamlReader.Read(text, mistakes, out var complete);
        if (!complete)
            return ConfigResult.Refused(mistakes);
        if (root is not MapNode map)
        {
            if (root is not RefusedNode)
            {
                mistakes.Add(root?.At ?? new(1, 1), root is null
                    ? "the file is empty: write networks: { lan: { mode: internal } }"
                    : "a configuration is a map: write networks: and ports:");
            }
            return ConfigResult.Refused(mistakes);
        }
        var start = new Position(1, 1);
        var places = new Places(start);
        var model = SwitchKeys.All.Read(new Section(map, "the file", start, mistakes), SwitchKeys.Blank, places);
        var entry = new SwitchEntry
        {
            Networks = places.Of(SwitchKeys.Networks),
            Ports = places.Of(SwitchKeys.Ports),
            Workers = places.Of(SwitchKeys.Workers),
            Cpus = places.Of(SwitchKeys.Cpus),
        };
        SwitchCheck.Check(entry, mistakes);
        if (host is not null)
            OutsideCheck.CheckHost(entry, host, mistakes);
        return mistakes.Any ? ConfigResult.Refused(mistakes) : ConfigResult.Of(WithUplinks(model));
    }

    /// <summary>The uplinks of networks are ports as well.</summary>
    private static SwitchModel WithUplinks(SwitchModel model) => model with
    {
        Ports =
        [
            .. model.Networks.Where(network => network.Uplink is not null).Select(network => new NicModel
            {
                Name = network.Uplink!,
                Network = network.Name,
                Interface = network.Uplink!,
                IsUplink = true,
                Mtu = network.Mtu,
            }),
            .. model.Ports,
        ],
    };
}
