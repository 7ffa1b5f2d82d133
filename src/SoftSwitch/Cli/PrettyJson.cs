using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SoftSwitch.Cli;

/// <summary>The API's JSON with line breaks.</summary>
internal static class PrettyJson
{
    // It goes to a terminal or a file, never into HTML: an apostrophe stays one.
    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="JsonException"><paramref name="json"/> is none.</exception>
    public static async Task<string> Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return await Of(writer =>
        {
            document.RootElement.WriteTo(writer);
            return Task.CompletedTask;
        });
    }

    /// <summary>What <paramref name="write"/> writes.</summary>
    public static async Task<string> Of(Func<Utf8JsonWriter, Task> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, s_options))
            await write(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
