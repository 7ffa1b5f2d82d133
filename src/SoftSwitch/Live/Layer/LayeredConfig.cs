using System.Collections.Immutable;
using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Live.Layer;

/// <summary>
/// A configuration with what was said at run time over it, node by node, before anything is compiled: so all checks of the file hold for
/// it as well. What was said at run time has no lines; its place is what it is, such as "run-time port vm9".
/// </summary>
internal static class LayeredConfig
{
    /// <summary>The place of what was said at run time.</summary>
    public static Position Place(RunTimeNoun noun, string name) => Position.In($"run-time {noun.Word()} {name}");

    /// <summary>What is to be compiled.</summary>
    public static MapNode Over(MapNode root, RunTimeLayer layer, MistakeList mistakes)
    {
        if (layer.Count == 0)
            return root;
        var entries = root.Entries.ToList();
        Names(entries, SwitchKeys.Networks.Name, RunTimeNoun.Network, layer.Networks, mistakes);
        Names(entries, SwitchKeys.Ports.Name, RunTimeNoun.Port, layer.Ports, mistakes);
        if (layer.Forwards.Count > 0 && IndexOf(entries, SwitchKeys.Networks.Name) is >= 0 and var networks
            && entries[networks].Value is MapNode map)
            entries[networks] = entries[networks] with { Value = Forwards(map, layer.Forwards, mistakes) };
        return root with { Entries = entries };
    }

    /// <summary>Which of the layer's say nothing to a file: what they could change or hide isn't in it any more, or it has come to say the
    /// same.</summary>
    public static bool IsOrphan(MapNode root, RunTimeNoun noun, string name, RunTimeItem item) => item.Kind switch
    {
        RunTimeKind.Removed => !Has(root, noun, name),
        RunTimeKind.Changed => Find(root, noun, name) is not { } file
            || (file is MapNode map && NodeComparison.Same(map, Merged(map, item.Keys))),
        _ => NodeComparison.Same(Find(root, noun, name), item.Keys),
    };

    /// <summary>What is left of one of the layer's beside a file: without the keys that say what the file does, which would hide what it
    /// comes to say. Null: nothing (<see cref="IsOrphan"/>).</summary>
    public static RunTimeItem? Beside(MapNode root, RunTimeNoun noun, string name, RunTimeItem item)
    {
        if (IsOrphan(root, noun, name, item))
            return null;
        return item.Kind == RunTimeKind.Changed && Find(root, noun, name) is MapNode file
            ? item with { Keys = item.Keys with { Entries = [.. item.Keys.Entries.Where(entry => !Says(file, entry))] } } : item;
    }

    /// <summary>The file has one of that name.</summary>
    public static bool Has(MapNode root, RunTimeNoun noun, string name) => Find(root, noun, name) is not null;

    /// <summary>What the file has under that name.</summary>
    public static ConfigNode? Find(MapNode root, RunTimeNoun noun, string name)
    {
        if (noun != RunTimeNoun.Forward)
            return root.Of(noun == RunTimeNoun.Network ? SwitchKeys.Networks.Name : SwitchKeys.Ports.Name) is MapNode all
                ? all.Of(name) : null;
        return ForwardName.Parse(name) is { } forward && root.Of(SwitchKeys.Networks.Name) is MapNode networks
            && networks.Of(forward.Network) is MapNode network && network.Of(NatKeys.Forwards.Name) is ListNode list
            ? list.Items.FirstOrDefault(node => ForwardName.Of(forward.Network, node)?.ToString() == name) : null;
    }

    /// <summary>Keys with others put in over them; what is empty there is left out.</summary>
    public static MapNode Merged(MapNode keys, MapNode set)
    {
        var changes = set.Entries.ToDictionary(entry => entry.Key);
        return new(keys.At,
        [
            .. keys.Entries.Select(entry => changes.Remove(entry.Key, out var change) ? change : entry)
                .Where(entry => !IsEmpty(entry)),
            .. set.Entries.Where(entry => changes.ContainsKey(entry.Key) && !IsEmpty(entry)),
        ]);
    }

    private static bool Says(MapNode file, MapEntry entry) =>
        IsEmpty(entry) ? file.Of(entry.Key) is null : NodeComparison.Same(file.Of(entry.Key), entry.Value);

    private static bool IsEmpty(MapEntry entry) => entry.Value is RefusedNode { At.Source: not null };

    private static void Names(
        List<MapEntry> entries, string key, RunTimeNoun noun, ImmutableSortedDictionary<string, RunTimeItem> layer, MistakeList mistakes)
    {
        var at = IndexOf(entries, key);
        // What isn't a map is told where it is read.
        if (layer.Count == 0 || (at >= 0 && entries[at].Value is not (MapNode or TextNode { Text: "" })))
            return;
        var before = at >= 0 ? (entries[at].Value as MapNode)?.Entries ?? [] : [];
        List<MapEntry> after = new(before.Count + layer.Count);
        var ofFile = new HashSet<string>();
        foreach (var entry in before)
        {
            var item = layer.GetValueOrDefault(entry.Key);
            if (item is not null)
                ofFile.Add(entry.Key);
            if (item is { Kind: RunTimeKind.Changed } && entry.Value is MapNode map)
                after.Add(entry with { Value = Merged(map, item.Keys) });
            else if (item is { Kind: RunTimeKind.Replaced })
                after.Add(new(item.Keys.At, entry.Key, item.Keys));
            else if (item is not { Kind: RunTimeKind.Removed })
                after.Add(entry);
            if (item is { Kind: RunTimeKind.Added })
                mistakes.Add(Place(noun, entry.Key), $"the file has a {noun.Word()} of that name, too, at {entry.At}: rename that one, or "
                    + $"drop this one: softswitch {noun.Word()} remove {entry.Key}");
        }
        after.AddRange(layer.Where(one => one.Value.IsWhole && !ofFile.Contains(one.Key))
            .Select(one => new MapEntry(one.Value.Keys.At, one.Key, one.Value.Keys)));
        if (at >= 0)
            entries[at] = entries[at] with { Value = new MapNode(entries[at].Value.At, after) };
        else if (after.Count > 0)
            entries.Add(new(after[0].At, key, new MapNode(after[0].At, after)));
    }

    private static MapNode Forwards(MapNode networks, ImmutableSortedDictionary<string, RunTimeItem> layer, MistakeList mistakes)
    {
        var entries = networks.Entries.ToList();
        foreach (var group in layer.GroupBy(one => ForwardName.Parse(one.Key)!.Network))
        {
            var at = IndexOf(entries, group.Key);
            if (at >= 0 && entries[at].Value is MapNode network)
                entries[at] = entries[at] with { Value = WithForwards(network, group.Key, group.ToDictionary(), mistakes) };
            else
            {
                foreach (var (name, _) in group.Where(one => one.Value.IsWhole))
                    mistakes.Add(Place(RunTimeNoun.Forward, name), $"there is no network {Shown.Quote(group.Key)}: "
                        + NearestWord.Cure(group.Key, [.. entries.Select(entry => entry.Key)]));
            }
        }
        return networks with { Entries = entries };
    }

    private static MapNode WithForwards(MapNode network, string name, Dictionary<string, RunTimeItem> layer, MistakeList mistakes)
    {
        var entries = network.Entries.ToList();
        var at = IndexOf(entries, NatKeys.Forwards.Name);
        if (at >= 0 && entries[at].Value is not (ListNode or TextNode { Text: "" }))
            return network;
        List<ConfigNode> after = [];
        foreach (var node in at >= 0 ? (entries[at].Value as ListNode)?.Items ?? [] : [])
        {
            if (ForwardName.Of(name, node)?.ToString() is not { } forward || !layer.TryGetValue(forward, out var item))
            {
                after.Add(node);
                continue;
            }
            layer.Remove(forward);
            if (item.IsWhole)
                after.Add(item.Kind == RunTimeKind.Replaced ? item.Keys : node);
            if (item.Kind == RunTimeKind.Added)
                mistakes.Add(Place(RunTimeNoun.Forward, forward), $"the file has a forward of these ports, too, at {node.At}: take that "
                    + $"one out, or drop this one: {ForwardName.Parse(forward)!.Command("remove")}");
        }
        after.AddRange(layer.Where(one => one.Value.IsWhole).OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => one.Value.Keys));
        if (at >= 0)
            entries[at] = entries[at] with { Value = new ListNode(entries[at].Value.At, after) };
        else if (after.Count > 0)
            entries.Add(new(after[0].At, NatKeys.Forwards.Name, new ListNode(after[0].At, after)));
        return network with { Entries = entries };
    }

    private static int IndexOf(IReadOnlyList<MapEntry> entries, string key)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Key == key)
                return i;
        }
        return -1;
    }
}
