using System.Text.Json;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Text;

namespace SoftSwitch.Live.Layer;

/// <summary>JSON to nodes of the language and back. What a number says is its text, as it is in a file; there is nothing that true and
/// false could say. A null says that a key is left out, and stands as an empty <see cref="RefusedNode"/>.</summary>
internal static class JsonNodes
{
    public const int DeepestNesting = YamlReader.DeepestNesting;

    /// <summary>For who reads JSON that becomes nodes.</summary>
    public static JsonDocumentOptions Options => new() { MaxDepth = DeepestNesting };

    /// <param name="json">The value.</param>
    /// <param name="at">The place of all of it.</param>
    /// <param name="what">What it is, for mistakes.</param>
    /// <param name="mistakes">Gets what can't be.</param>
    public static ConfigNode Read(JsonElement json, Position at, string what, MistakeList mistakes)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return Map(json, at, mistakes);
            case JsonValueKind.Array:
                return new ListNode(at, [.. json.EnumerateArray().Select(item => Read(item, at, what, mistakes))]);
            case JsonValueKind.String when Text(json) is { } text:
                return new TextNode(at, text);
            case JsonValueKind.Number:
                return new TextNode(at, json.GetRawText());
            case JsonValueKind.Null:
                return new RefusedNode(at);
            default:
                mistakes.Add(at, $"{Shown.Quote(what)}: {(json.ValueKind == JsonValueKind.String
                    ? "a text without control characters is needed"
                    : $"{json.GetRawText()} is no value of any key: write a text or a number")}");
                return new RefusedNode(at);
        }
    }

    /// <summary>The members of an object, each known by one name.</summary>
    public static MapNode Map(JsonElement json, Position at, MistakeList mistakes)
    {
        var keys = new HashSet<string>();
        List<MapEntry> entries = [];
        foreach (var member in json.EnumerateObject())
        {
            if (keys.Add(member.Name))
                entries.Add(new(at, member.Name, Read(member.Value, at, member.Name, mistakes)));
            else
                mistakes.Add(at, $"key {Shown.Quote(member.Name)} stands there twice: keep one of them");
        }
        return new(at, entries);
    }

    public static void Write(Utf8JsonWriter writer, ConfigNode node)
    {
        switch (node)
        {
            case MapNode map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key);
                    Write(writer, entry.Value);
                }
                writer.WriteEndObject();
                break;
            case ListNode list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case TextNode text:
                writer.WriteStringValue(text.Text);
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>Null: it isn't plain text.</summary>
    private static string? Text(JsonElement json)
    {
        try
        {
            var text = json.GetString()!;
            return text.Any(letter => char.IsControl(letter)) ? null : text;
        }
        catch (InvalidOperationException)
        {
            return null; // Half a surrogate pair.
        }
    }
}
