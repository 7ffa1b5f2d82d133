using System.CommandLine;
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
        command.Add(options.Socket);
        command.SetAction(async (parsed, _) =>
        {
            using var client = new ControlClient(options.Socket.OfClient(parsed));
            var path = $"v1/{name}";
            var query = ShowOptions.Query(parsed, filters);
            var json = parsed.GetValue(options.Json);
            return await Screen.Show(parsed, parsed.GetValue(options.Watch), async (screen, cancel) =>
            {
                if (json)
                {
                    screen.Print(await ListJson.Of(client, query, [(null, path)], cancel));
                    return;
                }
                var items = await client.List(path, query, type, cancel);
                if (items.Count == 0)
                    screen.Remark(empty);
                else
                    screen.Print([table(items)]);
            });
        });
        return command;
    }
}
