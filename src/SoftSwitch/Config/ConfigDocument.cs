using SoftSwitch.Config.Checks;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>
/// A configuration as it is written, read as far as YAML goes: nodes with their places. It is compiled to a model by the rows of the
/// language, as often as somebody likes, each time with what else was said (<see cref="Compile"/>). Immutable.
/// </summary>
internal sealed class ConfigDocument
{
    private readonly IReadOnlyList<ConfigMistake> _mistakes;
    private readonly ConfigNode? _root;
    private readonly bool _isComplete;

    private ConfigDocument(string name, IReadOnlyList<ConfigPart> parts, ConfigNode? root, bool isComplete, MistakeList mistakes)
    {
        (Name, Parts, _root, _isComplete, _mistakes) = (name, parts, root, isComplete, mistakes.Sorted());
    }

    /// <summary>What mistakes call all of it: the file or the folder.</summary>
    public string Name { get; }

    /// <summary>The file, or the files of the folder in the order of their names; none where one couldn't be read.</summary>
    public IReadOnlyList<ConfigPart> Parts { get; }

    /// <summary>What is in it; null: nothing that could be read.</summary>
    public MapNode? Root => _root as MapNode;

    /// <param name="path">A file, or a folder, which is all its files together (<see cref="ConfigFolder"/>).</param>
    public static ConfigDocument Load(string path)
    {
        // A file without a name is called so, too.
        var mistakes = new MistakeList(path.Length > 0 ? path : "''");
        if (ConfigFolder.IsOne(path))
            return ConfigFolder.Load(path, mistakes) is { } parts ? OfFolder(path, parts) : new(path, [], null, false, mistakes);
        return ConfigText.Load(path, mistakes) is { } text ? OfFile(new(path, text), mistakes) : new(path, [], null, false, mistakes);
    }

    /// <param name="name">What mistakes call the file.</param>
    /// <param name="text">Its text.</param>
    public static ConfigDocument Of(string name, string text) => OfFile(new(name, text), new(name));

    /// <param name="name">What mistakes call the folder.</param>
    /// <param name="parts">Its files.</param>
    public static ConfigDocument OfFolder(string name, IReadOnlyList<ConfigPart> parts)
    {
        var mistakes = new MistakeList(name);
        var isComplete = true;
        List<MapNode> roots = [];
        foreach (var part in parts)
        {
            var own = new MistakeList(part.Name);
            var root = Read(part.Text, own, part.Name, out var wasRead);
            isComplete &= wasRead;
            if (root is MapNode map)
                roots.Add(map);
            else if (wasRead && root is not (null or RefusedNode))
                own.Add(root.At, "a configuration is a map: write networks: or ports:");
            mistakes.Add(own.Sorted());
        }
        return new(name, parts, ConfigFolder.Together(roots, mistakes), isComplete, mistakes);
    }

    /// <summary>What a program wrote, however long it is.</summary>
    internal static ConfigDocument OfJson(string name, string json)
    {
        var mistakes = new MistakeList(name);
        var root = YamlReader.Read(json, mistakes, out var isComplete);
        return new(name, [], root, isComplete, mistakes);
    }

    /// <summary>To a model, or to all mistakes.</summary>
    /// <param name="host">Gives the addresses of the machine that will run this; null: it isn't held against any machine.</param>
    /// <param name="change">Gives what is to be compiled in place of what is written; null: that.</param>
    public ConfigResult Compile(Func<HostAddresses?>? host, Func<MapNode, MistakeList, MapNode>? change = null)
    {
        var mistakes = new MistakeList(Name.Length > 0 ? Name : "''");
        mistakes.Add(_mistakes);
        if (!_isComplete)
            return ConfigResult.Refused(mistakes);
        if (_root is not MapNode map)
        {
            if (_root is not RefusedNode)
            {
                mistakes.Add(_root?.At ?? new(1, 1), _root is null
                    ? "the file is empty: write networks: { lan: { mode: internal } }"
                    : "a configuration is a map: write networks: and ports:");
            }
            return ConfigResult.Refused(mistakes);
        }
        if (change is not null)
            map = change(map, mistakes);
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

    private static ConfigDocument OfFile(ConfigPart part, MistakeList mistakes)
    {
        var root = Read(part.Text, mistakes, null, out var isComplete);
        return new(part.Name, [part], root, isComplete, mistakes);
    }

    private static ConfigNode? Read(string text, MistakeList mistakes, string? source, out bool isComplete)
    {
        isComplete = false;
        return ConfigText.Check(ref text, mistakes) && YamlLetters.Check(text, mistakes)
            ? YamlReader.Read(text, mistakes, out isComplete, source) : null;
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
