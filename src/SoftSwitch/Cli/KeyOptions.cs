using System.CommandLine;
using System.Text;
using System.Text.Json;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Errors;
using SoftSwitch.Live.Layer;
using SoftSwitch.Text;

namespace SoftSwitch.Cli;

/// <summary>
/// The keys of the file as options of a command: <c>--mtu 1400</c> is <c>mtu: 1400</c>. What isn't one word is written as in the file on
/// one line: <c>--dhcp '{ lease: 1h }'</c>. Whether a value is right, the switch says.
/// </summary>
internal sealed class KeyOptions
{
    /// <summary>What stands behind an option that takes one word.</summary>
    public const string Value = "VALUE";

    private readonly (Row Row, Option<string?> Option)[] _options;
    private readonly Option<string[]>? _unset;

    /// <param name="rows">The keys.</param>
    /// <param name="mayUnset">Keys can be left out again.</param>
    /// <param name="needed">Keys that a command can't do without.</param>
    /// <param name="without">Keys that aren't options.</param>
    public KeyOptions(IEnumerable<Row> rows, bool mayUnset = false, IReadOnlyList<Row>? needed = null, IReadOnlyList<Row>? without = null)
    {
        _options =
        [
            .. from row in rows
               where row.IsBuilt && without?.Any(one => one.Name == row.Name) != true
               select (row, Of(row, needed?.Any(one => one.Name == row.Name) == true)),
        ];
        if (!mayUnset)
            return;
        _unset = new("--unset") { Description = "Leaves this key out again: its default holds", HelpName = "KEY" };
        _unset.CompletionSources.Add([.. _options.Select(one => one.Row.Name)]);
    }

    /// <summary>The option of a key, for its completion.</summary>
    public Option<string?> Of(Row row) => Array.Find(_options, one => one.Row.Name == row.Name).Option;

    public void AddTo(Command command)
    {
        foreach (var (_, option) in _options)
            command.Add(option);
        if (_unset is not null)
            command.Add(_unset);
    }

    /// <summary>What was given, as the body of a request.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="others">What else it says.</param>
    public string Json(ParseResult parsed, params IEnumerable<(string Key, string Value)> others)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in others)
                writer.WriteString(key, value);
            foreach (var (row, option) in _options)
            {
                if (parsed.GetValue(option) is not { } value)
                    continue;
                writer.WritePropertyName(row.Name);
                JsonNodes.Write(writer, Node(row, option.Name, value));
            }
            foreach (var key in _unset is null ? [] : parsed.GetValue(_unset) ?? [])
                writer.WriteNull(key);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Texts as the body of a request.</summary>
    public static string JsonOf(IEnumerable<(string Key, string Value)> texts)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in texts)
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Whether anything was given.</summary>
    public bool Any(ParseResult parsed) => Array.Exists(_options, one => parsed.GetValue(one.Option) is not null)
        || (_unset is not null && parsed.GetValue(_unset) is { Length: > 0 });

    private static Option<string?> Of(Row row, bool isNeeded)
    {
        var option = new Option<string?>($"--{row.Name}")
        {
            Description = Plain(row.Says),
            HelpName = row.Shape == RowShape.Scalar ? row.Type!.IsNumber ? "NUMBER" : Value : "'{ … }'",
            Required = isNeeded,
        };
        if (row.Shape is RowShape.Scalars or RowShape.Maps)
            option.HelpName = "'[ … ]'";
        if (row.Type?.Words is { Count: > 0 } words)
        {
            option.CompletionSources.Add([.. words]);
            if (!words.All(word => option.Description!.Contains(word, StringComparison.OrdinalIgnoreCase)))
                option.Description += $": {Shown.Or([.. words])}";
        }
        return option;
    }

    private static ConfigNode Node(Row row, string option, string value)
    {
        if (row.Shape == RowShape.Scalar)
            return new TextNode(default, value);
        var mistakes = new MistakeList(option);
        var node = YamlReader.Read(value, mistakes, out _);
        return mistakes.Any ? throw new CommandException(ExitStatus.Mistake, $"{mistakes.Sorted()[0]}")
            : node ?? new TextNode(default, "");
    }

    /// <summary>The first sentence of what the docs say: `show` and docs/keys.md have the rest.</summary>
    private static string Plain(string says)
    {
        var text = says.Replace("`", "", StringComparison.Ordinal);
        var end = text.IndexOfAny([';', '.']);
        while (end >= 0 && end + 1 < text.Length && text[end + 1] != ' ')
            end = text.IndexOfAny([';', '.'], end + 1);
        text = end < 0 ? text : text[..end];
        return char.ToUpperInvariant(text[0]) + text[1..];
    }
}
