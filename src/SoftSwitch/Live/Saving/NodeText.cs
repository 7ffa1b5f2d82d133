using SoftSwitch.Config.Writing;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Live.Saving;

/// <summary>Nodes of the language as text.</summary>
internal static class NodeText
{
    /// <summary>On one line.</summary>
    public static string Line(ConfigNode node) => YamlText.Line(Written(node));

    /// <summary>A key and its value on one line.</summary>
    public static string Line(string key, ConfigNode node) => YamlText.Line(key, Written(node));

    /// <summary>A key and its value, on as many lines as a person would write.</summary>
    /// <param name="key">It.</param>
    /// <param name="node">Its value.</param>
    /// <param name="indent">Blanks before each line.</param>
    /// <param name="lineEnd">Behind each.</param>
    public static string Block(string key, ConfigNode node, int indent, string lineEnd) => Block(
        YamlText.Of(new([new(key, Written(node))])), indent, lineEnd);

    /// <summary>Lines that are indented.</summary>
    public static string Block(string lines, int indent, string lineEnd) => string.Concat(
        lines.TrimEnd('\n').Split('\n').Select(line => new string(' ', indent) + line + lineEnd));

    /// <exception cref="CantPlaceException">It holds nothing that can be written.</exception>
    private static WrittenValue Written(ConfigNode node) => node switch
    {
        MapNode map => new WrittenMap([.. map.Entries.Select(entry => new WrittenKey(entry.Key, Written(entry.Value)))]),
        ListNode list => new WrittenList([.. list.Items.Select(Written)]),
        TextNode text => new WrittenText(text.Text),
        _ => throw new CantPlaceException(),
    };
}
