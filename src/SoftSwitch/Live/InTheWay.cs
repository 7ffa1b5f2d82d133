using SoftSwitch.Config;
using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Live;

/// <summary>
/// Whose mistake it is that something can't run. Where a change is right and something else needs it otherwise, such as a forward the port
/// that is to go, or where the file has left what was made at run time behind, the place alone helps nobody: the line names what stands in
/// the way, and the command that takes it out of there.
/// </summary>
internal sealed class InTheWay
{
    /// <summary>Whose it is what stands at a place.</summary>
    private readonly Dictionary<(string File, int Line, int Column), (RunTimeNoun Noun, string Name, RunTimeItem? Item)> _owners = [];
    private readonly string _file;

    /// <param name="document">What the file says.</param>
    /// <param name="layer">What was said at run time.</param>
    public InTheWay(ConfigDocument document, RunTimeLayer layer)
    {
        _file = document.Name;
        foreach (var (noun, name, item) in layer.All)
            _owners[(LayeredConfig.Place(noun, name).Source!, 0, 0)] = (noun, name, item);
        foreach (var port in Entries(document.Root, SwitchKeys.Ports.Name))
            Own(port, RunTimeNoun.Port, port.Key);
        foreach (var network in Entries(document.Root, SwitchKeys.Networks.Name))
        {
            foreach (var node in ((network.Value as MapNode)?.Of(NatKeys.Forwards.Name) as ListNode)?.Items ?? [])
            {
                if (ForwardName.Of(network.Key, node) is { } forward)
                    Own(node, RunTimeNoun.Forward, $"{forward}");
            }
            Own(network, RunTimeNoun.Network, network.Key);
        }
    }

    /// <summary>A mistake in a line.</summary>
    /// <param name="mistake">As the compiler tells it.</param>
    /// <param name="change">What was to be changed; null: the file was read anew, or something has had its time.</param>
    public string Line(ConfigMistake mistake, RunTimeChange? change)
    {
        var text = mistake.ToString();
        if (text.Contains("softswitch ", StringComparison.Ordinal)
            || !_owners.TryGetValue((mistake.File, mistake.Line, mistake.Column), out var owner)
            || (change?.Noun == owner.Noun && change.Names.Contains(owner.Name)))
            return text;
        if (change is not null)
            return $"{owner.Noun.Word()} {owner.Name} stands in the way ({(mistake.Line == 0 ? mistake.Message : text)}): "
                + Cure(owner.Noun, owner.Name, isWhole: true);
        // What is wrong in the file is mended there.
        return owner.Item is null ? text : $"{text}; or {Cure(owner.Noun, owner.Name, owner.Item.IsWhole)}";
    }

    private static string Cure(RunTimeNoun noun, string name, bool isWhole) => noun switch
    {
        RunTimeNoun.Forward => $"remove it first: {ForwardName.Parse(name)!.Command("remove")}",
        RunTimeNoun.Port when isWhole => $"remove it first: softswitch port remove {name}",
        _ => $"change it first: softswitch {noun.Word()} set {name}",
    };

    private static IReadOnlyList<MapEntry> Entries(ConfigNode? map, string key) => ((map as MapNode)?.Of(key) as MapNode)?.Entries ?? [];

    private void Own(MapEntry entry, RunTimeNoun noun, string name)
    {
        Own(entry.At, noun, name);
        Own(entry.Value, noun, name);
    }

    private void Own(ConfigNode node, RunTimeNoun noun, string name)
    {
        Own(node.At, noun, name);
        foreach (var entry in (node as MapNode)?.Entries ?? [])
            Own(entry, noun, name);
        foreach (var item in (node as ListNode)?.Items ?? [])
            Own(item, noun, name);
    }

    /// <summary>The first who claims a place has it: forwards come before their network.</summary>
    private void Own(Position at, RunTimeNoun noun, string name) =>
        _owners.TryAdd((at.Source ?? _file, at.Line, at.Column), (noun, name, null));
}
