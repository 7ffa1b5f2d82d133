using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using SoftSwitch.Config;
using SoftSwitch.Config.Checks;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Live;

/// <summary>
/// What a switch starts with: its file, and what was said at run time before. The file decides: what doesn't fit it any more, or isn't
/// there any more, is left out and told; a start isn't refused for it.
/// </summary>
/// <param name="Document">The file.</param>
/// <param name="Layer">What was said at run time.</param>
internal sealed record LayeredStart(ConfigDocument Document, RunTimeLayer Layer)
{
    /// <summary>What was left out, a line each.</summary>
    public IReadOnlyList<string> LeftOut { get; private init; } = [];

    /// <summary>What of a layer can run with a file that has no mistake of its own.</summary>
    /// <param name="document">The file.</param>
    /// <param name="layer">What was kept.</param>
    /// <param name="host">The addresses of the machine.</param>
    /// <param name="now">The moment.</param>
    public static LayeredStart Of(ConfigDocument document, RunTimeLayer layer, Func<HostAddresses?>? host, DateTimeOffset now)
    {
        List<string> leftOut = [];
        layer = layer.Without((_, _, item) => item.Expires <= now).Beside(document.Root!);
        layer = layer.Without((noun, name, item) =>
        {
            if (!item.HasLostProcess)
                return false;
            leftOut.Add($"{noun.Word()} {name}: its process has ended");
            return true;
        });
        // One that is left out may be what another needs: again, until the rest has no mistake.
        while (layer.Count > 0
            && document.Compile(host, (root, mistakes) => LayeredConfig.Over(root, layer, mistakes)) is { Ok: false } refused)
        {
            var wrong = refused.Mistakes.Select(mistake => mistake.File).ToHashSet();
            leftOut.AddRange(refused.Mistakes.Select(mistake => mistake.ToString()));
            var left = layer.Without((noun, name, _) => wrong.Contains(LayeredConfig.Place(noun, name).Source!));
            layer = left.Count < layer.Count ? left : RunTimeLayer.Empty;
        }
        return new(document, layer) { LeftOut = leftOut };
    }

    /// <summary>The two together.</summary>
    public ConfigResult Compile(Func<HostAddresses?>? host) =>
        Document.Compile(host, (root, mistakes) => LayeredConfig.Over(root, Layer, mistakes));

    /// <summary>Both in a line, for the program that goes on with them.</summary>
    public string Leave()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", Document.Name);
            writer.WriteStartArray("parts");
            foreach (var part in Document.Parts)
            {
                writer.WriteStartArray();
                writer.WriteStringValue(part.Name);
                writer.WriteStringValue(part.Text);
                writer.WriteEndArray();
            }
            writer.WriteEndArray();
            writer.WriteString("layer", RunTimeText.Write(Layer));
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>What <see cref="Leave"/> has written; false: it isn't that.</summary>
    public static bool TryTake(string left, [NotNullWhen(true)] out LayeredStart? start)
    {
        start = null;
        try
        {
            using var json = JsonDocument.Parse(left);
            var name = json.RootElement.GetProperty("name").GetString()!;
            ConfigPart[] parts = [.. json.RootElement.GetProperty("parts").EnumerateArray()
                .Select(part => new ConfigPart(part[0].GetString()!, part[1].GetString()!))];
            if (RunTimeText.Read(json.RootElement.GetProperty("layer").GetString()!, out _) is not { } layer)
                return false;
            var document = parts is [var one] && one.Name == name
                ? ConfigDocument.Of(name, one.Text) : ConfigDocument.OfFolder(name, parts);
            start = document.Root is null ? null : new(document, layer);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or IndexOutOfRangeException)
        {
            return false;
        }
        return start is not null;
    }
}
