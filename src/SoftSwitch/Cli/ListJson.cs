using System.Text.Json;
using SoftSwitch.Api.Lists;

namespace SoftSwitch.Cli;

/// <summary>Lists of the API as its JSON, each with all its pages joined.</summary>
internal static class ListJson
{
    /// <summary>One list.</summary>
    /// <param name="query">Its filters.</param>
    public static Task<string> Of(ControlClient client, IApiList list, string query, CancellationToken cancel) =>
        PrettyJson.Of(writer => Write(writer, client, list, query, cancel));

    /// <summary>Several, as members of one object.</summary>
    public static Task<string> Of(ControlClient client, IReadOnlyList<IApiList> lists, CancellationToken cancel) =>
        PrettyJson.Of(async writer =>
        {
            writer.WriteStartObject();
            foreach (var list in lists)
            {
                writer.WritePropertyName(list.Name);
                await Write(writer, client, list, "", cancel);
            }
            writer.WriteEndObject();
        });

    private static async Task Write(Utf8JsonWriter writer, ControlClient client, IApiList list, string query, CancellationToken cancel)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("items");
        await foreach (var page in client.Pages(list, query, cancel))
        {
            foreach (var item in page.EnumerateArray())
                item.WriteTo(writer);
        }
        writer.WriteEndArray();
        writer.WriteNull("next");
        writer.WriteEndObject();
    }
}
