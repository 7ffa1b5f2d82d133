using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SoftSwitch.Api.Views;
using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Cli;

/// <summary>One list of the API as a table, or as its JSON with all pages joined.</summary>
internal sealed class ShowListCommand : Command
{
    private ShowListCommand(string name, string description) : base(name, description)
    {
    }

    /// <param name="name">The list's name here and under /v1.</param>
    /// <param name="description">For the help.</param>
    /// <param name="empty">Said on standard error instead of a table without rows.</param>
    /// <param name="options">What all kinds of `show` share.</param>
    /// <param name="filters">The filters this list takes.</param>
    /// <param name="type">A page of the list.</param>
    /// <param name="table">Makes the table.</param>
    public static ShowListCommand Of<T>(string name, string description, string empty, ShowOptions options, Option<string?>[] filters,
        JsonTypeInfo<PageView<T>> type, Func<IReadOnlyList<T>, TextTable> table)
    {
        var command = new ShowListCommand(name, description) { options.Json, options.Watch };
        foreach (var filter in filters)
            command.Add(filter);
        command.SetAction(async (parsed, _) =>
        {
            using var client = new ControlClient(options.Socket.PathIn(parsed));
            var path = $"v1/{name}";
            var query = ShowOptions.Query(parsed, filters);
            var json = parsed.GetValue(options.Json);
            return await Screen.Show(parsed, parsed.GetValue(options.Watch), async (screen, cancel) =>
            {
                if (json)
                {
                    screen.Print(await JoinedJson(client, path, query, cancel));
                    return;
                }
                var items = new List<T>();
                await foreach (var item in client.All(path, query, type, cancel))
                    items.Add(item);
                if (items.Count == 0)
                    screen.Remark(empty);
                else
                    screen.Print(table(items).Render(screen.Colors));
            });
        });
        return command;
    }

    private static async Task<string> JoinedJson(ControlClient client, string path, string query, CancellationToken cancel)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, PrettyJson.Options))
        {
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
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
