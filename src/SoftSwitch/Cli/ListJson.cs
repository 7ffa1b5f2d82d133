using System.Text;
using System.Text.Json;

namespace SoftSwitch.Cli;

/// <summary>Lists of the API as its JSON, each with all its pages joined.</summary>
internal static class ListJson
{
    /// <param name="client">Asked for them.</param>
    /// <param name="query">The filters of each.</param>
    /// <param name="lists">A name for each list and its path; one without a name stands alone, others as members of one object.</param>
    public static async Task<string> Of(ControlClient client, string query, IReadOnlyList<(string? Name, string Path)> lists, CancellationToken cancel)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PrettyJson.Options))
        {
            var isNamed = lists[0].Name is not null;
            if (isNamed)
                writer.WriteStartObject();
            foreach (var (name, path) in lists)
            {
                if (name is not null)
                    writer.WritePropertyName(name);
                writer.WriteStartObject();
                writer.WriteStartArray("items");
                await foreach (var page in client.Pages(path, query, cancel))
                {
                    foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
                        item.WriteTo(writer);
                }
                writer.WriteEndArray();
                writer.WriteNull("next");
                writer.WriteEndObject();
            }
            if (isNamed)
                writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
