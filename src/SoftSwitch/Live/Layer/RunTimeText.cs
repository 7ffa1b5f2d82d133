using System.Globalization;
using System.Text;
using System.Text.Json;
using SoftSwitch.Bounds;
using SoftSwitch.Config.Rows;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Live.Layer;

/// <summary>
/// The layer as JSON, in one line:
/// <code>
///   {"version":1,"networks":{},"ports":{"vm9":{"is":"added","keys":{"network":"dev","kind":"tap"},"expires":"…"}},"forwards":{}}
/// </code>
/// </summary>
internal static class RunTimeText
{
    private const int Version = 1;

    private static readonly (RunTimeNoun Noun, string Member)[] s_members =
        [(RunTimeNoun.Network, "networks"), (RunTimeNoun.Port, "ports"), (RunTimeNoun.Forward, "forwards")];

    public static byte[] Write(RunTimeLayer layer)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            foreach (var (noun, member) in s_members)
            {
                writer.WriteStartObject(member);
                foreach (var (name, item) in layer.Of(noun))
                {
                    writer.WritePropertyName(name);
                    Write(writer, item);
                }
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>The keys of one item alone, in one line.</summary>
    public static string Keys(RunTimeItem item)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            JsonNodes.Write(writer, item.Keys);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>Null, with what is wrong: it isn't one that <see cref="Write(RunTimeLayer)"/> wrote.</summary>
    public static RunTimeLayer? Read(string text, out string? wrong)
    {
        wrong = null;
        try
        {
            using var document = JsonDocument.Parse(text, new() { MaxDepth = JsonNodes.DeepestNesting + 4 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("version", out var version)
                || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number) || number != Version)
                wrong = "it is of another version";
            else
                return Read(root);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            wrong = $"it isn't whole: {e.Message.ReplaceLineEndings(" ")}";
        }
        return null;
    }

    private static void Write(Utf8JsonWriter writer, RunTimeItem item)
    {
        writer.WriteStartObject();
        writer.WriteString("is", RunTimeKinds.Words[item.Kind]);
        if (item.Kind != RunTimeKind.Removed)
        {
            writer.WritePropertyName("keys");
            JsonNodes.Write(writer, item.Keys);
        }
        if (item.Expires is { } expires)
            writer.WriteString("expires", expires.ToString("O", CultureInfo.InvariantCulture));
        if (item.Process is { } process)
            writer.WriteString("process", process);
        writer.WriteEndObject();
    }

    private static RunTimeLayer Read(JsonElement root)
    {
        var layer = RunTimeLayer.Empty;
        foreach (var (noun, member) in s_members)
        {
            foreach (var one in root.GetProperty(member).EnumerateObject())
            {
                if (layer.Count >= ProgramLimits.RunTimeItems.Most)
                    throw new FormatException($"it has more than {ProgramLimits.RunTimeItems.Most} items");
                if (!IsName(noun, one.Name))
                    throw new FormatException("a name in it is none");
                layer = layer.With(noun, one.Name, Read(one.Value, LayeredConfig.Place(noun, one.Name)));
            }
        }
        return layer;
    }

    private static RunTimeItem Read(JsonElement json, Position at)
    {
        var kind = RunTimeKinds.Words.Of(json.GetProperty("is").GetString()!) ?? throw new FormatException("a word in it is unknown");
        DateTimeOffset? expires = json.TryGetProperty("expires", out var time)
            ? DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) : null;
        var process = json.TryGetProperty("process", out var mark) ? mark.GetString() : null;
        var mistakes = new MistakeList("");
        var keys = kind == RunTimeKind.Removed ? new(at, []) : JsonNodes.Map(json.GetProperty("keys"), at, mistakes);
        return mistakes.Any ? throw new FormatException(mistakes.Sorted()[0].Message) : new(kind, keys, expires, process);
    }

    private static bool IsName(RunTimeNoun noun, string name) => noun == RunTimeNoun.Forward
        ? ForwardName.Parse(name) is not null : Scalars.Name.Parse(name, out _);
}
