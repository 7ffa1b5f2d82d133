using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SoftSwitch.Cli;

/// <summary>The API's JSON with line breaks.</summary>
internal static class PrettyJson
{
    // It goes to a terminal or a file, never into HTML: an apostrophe stays one.
    public static JsonWriterOptions Options { get; } = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="JsonException"><paramref name="json"/> is none.</exception>
    public static string Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Options))
            document.RootElement.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
