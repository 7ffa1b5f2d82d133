using SoftSwitch.Bounds;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Text;

namespace SoftSwitch.Live.Layer;

/// <summary>What a change makes of the layer, name by name. What is in the way is collected, so that all of it is told.</summary>
/// <param name="root">What the file says.</param>
/// <param name="layer">What was said before.</param>
/// <param name="runs">What runs, for the names that there are.</param>
/// <param name="expires">Until when the change holds; null: until it is undone.</param>
internal sealed class LayerEdit(MapNode root, RunTimeLayer layer, SwitchModel runs, DateTimeOffset? expires, bool isForGood = false)
{
    private const string None = "there is none at all";

    private readonly List<(RunTimeNoun Noun, string Name)> _missing = [];
    private readonly List<string> _uplinks = [];
    private readonly List<string> _obstacles = [];

    /// <summary>The layer so far.</summary>
    public RunTimeLayer Layer { get; private set; } = layer;

    /// <summary>What was named and isn't there.</summary>
    public IReadOnlyList<string> Missing =>
    [
        .. _uplinks,
        .. from one in _missing
           group one.Name by one.Noun into names
           select $"there is no {names.Key.Word()} {NearestWord.Some([.. names.Select(Shown.Quote)])}: {(names.Count() > 1
               ? NearestWord.Known(Known(names.Key), None) : NearestWord.Cure(names.First(), Known(names.Key), None))}",
    ];

    /// <summary>What else is in the way.</summary>
    public IReadOnlyList<string> Obstacles =>
        Layer.Count <= ProgramLimits.RunTimeItems.Most ? _obstacles
        : [.. _obstacles, $"more than {ProgramLimits.RunTimeItems.Most} things would be made at run time: write some into the file"];

    public void Add(RunTimeNoun noun, string name, MapNode keys)
    {
        var item = Layer.Of(noun, name);
        if (item is { IsWhole: true } || (item is null or { Kind: RunTimeKind.Changed } && IsInFile(noun, name)))
        {
            _obstacles.Add($"there is {Article(noun)} {noun.Word()} {name} already: {(noun == RunTimeNoun.Forward
                ? $"remove it first: {ForwardName.Parse(name)!.Command("remove")}"
                : $"choose another name, or change it: softswitch {noun.Word()} set {name}")}");
            return;
        }
        var kind = item is { Kind: RunTimeKind.Removed } && IsInFile(noun, name) ? RunTimeKind.Replaced : RunTimeKind.Added;
        Put(noun, name, new(kind, LayeredConfig.Merged(new(LayeredConfig.Place(noun, name), []), Placed(keys, noun, name)), expires));
    }

    public void Set(RunTimeNoun noun, string name, MapNode keys)
    {
        var item = Layer.Of(noun, name);
        keys = Placed(WithWholeMaps(Placed(keys, noun, name), item is { IsWhole: true } ? item.Keys
            : LayeredConfig.Find(root, noun, name) is MapNode file ? LayeredConfig.Merged(file, item?.Keys ?? new(default, [])) : null),
            noun, name);
        if (item is { IsWhole: true })
            Put(noun, name, item with { Keys = LayeredConfig.Merged(item.Keys, keys), Expires = ExpiryOf(item) });
        else if (item is not { Kind: RunTimeKind.Removed } && IsInFile(noun, name))
            Put(noun, name, new(RunTimeKind.Changed, item is null ? keys : Joined(item.Keys, keys), ExpiryOf(item)));
        else
            Miss(noun, name);
    }

    public void Remove(RunTimeNoun noun, string name)
    {
        var item = Layer.Of(noun, name);
        if (item is { Kind: RunTimeKind.Added })
            Layer = Layer.With(noun, name, null);
        else if (item is not { Kind: RunTimeKind.Removed } && IsInFile(noun, name))
            Layer = Layer.With(noun, name, RunTimeItem.Removed(expires));
        else
        {
            Miss(noun, name);
            return;
        }
        if (noun == RunTimeNoun.Network)
            Leave(name);
    }

    private DateTimeOffset? ExpiryOf(RunTimeItem? before) => isForGood ? null : expires ?? before?.Expires;

    /// <summary>A network goes without its ports; what was said of its forwards goes with it.</summary>
    private void Leave(string network)
    {
        string[] ports = [.. runs.Ports.Where(port => port.Network == network && port is not NicModel { IsUplink: true })
            .Select(port => port.Name)];
        var more = ports.Length > 1 ? $" and {ports.Length - 1} more" : "";
        if (ports.Length > 0)
            _obstacles.Add($"network {network} has port {ports[0]}{more}: remove {(more.Length > 0 ? "them" : "it")} first, or move "
                + $"{(more.Length > 0 ? "them" : "it")}: softswitch port set {ports[0]} --network OTHER");
        Layer = Layer.Without((noun, name, _) => noun == RunTimeNoun.Forward && ForwardName.Parse(name)?.Network == network);
    }

    private void Put(RunTimeNoun noun, string name, RunTimeItem item)
    {
        var pid = ProcessMark.PidIn(item.Keys.TextOf(InterfaceKeys.Netns.Name));
        item = item with { Process = pid is { } process ? ProcessMark.Of(process) : null };
        // What the file says as well isn't kept beside it.
        Layer = Layer.With(noun, name, LayeredConfig.Beside(root, noun, name, item));
    }

    private void Miss(RunTimeNoun noun, string name)
    {
        if (noun == RunTimeNoun.Port && runs.Networks.FirstOrDefault(one => one.Uplink == name) is { } network)
            _uplinks.Add($"port {name} is the uplink of network {network.Name}: change that: "
                + $"softswitch network set {network.Name} --uplink NIC");
        else
            _missing.Add((noun, name));
    }

    private List<string> Known(RunTimeNoun noun) => noun switch
    {
        RunTimeNoun.Network => [.. runs.Networks.Select(network => network.Name)],
        RunTimeNoun.Port => [.. runs.Ports.Select(port => port.Name)],
        _ => [.. from network in runs.Networks
                 where network.Nat is not null
                 from forward in network.Nat!.Forwards
                 select new ForwardName(network.Name, $"{forward.From}", forward.On?.ToString()).ToString()],
    };

    private bool IsInFile(RunTimeNoun noun, string name) => LayeredConfig.Has(root, noun, name);

    private static MapNode Placed(MapNode keys, RunTimeNoun noun, string name) => (MapNode)Placed(keys, LayeredConfig.Place(noun, name));

    private static ConfigNode Placed(ConfigNode node, Position at) => node switch
    {
        MapNode map => new MapNode(at, [.. map.Entries.Select(entry => new MapEntry(at, entry.Key, Placed(entry.Value, at)))]),
        ListNode list => new ListNode(at, [.. list.Items.Select(item => Placed(item, at))]),
        TextNode text => text with { At = at },
        _ => new RefusedNode(at),
    };

    /// <summary>What is set of a key that is a map, such as <c>dhcp: { lease: 2h }</c>, leaves the rest of the map as it was (RFC 7396,
    /// 2). The layer has it whole: what is set later, and what is saved, need not look below a key.</summary>
    private static MapNode WithWholeMaps(MapNode keys, MapNode? before) => keys with
    {
        Entries = [.. keys.Entries.Select(entry => entry.Value is MapNode map ? entry with { Value = Patched(before?.Of(entry.Key), map) }
            : entry)],
    };

    private static MapNode Patched(ConfigNode? before, MapNode set)
    {
        var keys = before as MapNode ?? new(set.At, []);
        return LayeredConfig.Merged(keys, WithWholeMaps(set, keys));
    }

    /// <summary>Keys that were set, those of the second list in place of those of the first.</summary>
    private static MapNode Joined(MapNode first, MapNode second)
    {
        var later = second.Entries.Select(entry => entry.Key).ToHashSet();
        return new(second.At, [.. first.Entries.Where(entry => !later.Contains(entry.Key)), .. second.Entries]);
    }

    private static string Article(RunTimeNoun noun) => noun == RunTimeNoun.Forward ? "such a" : "a";
}
