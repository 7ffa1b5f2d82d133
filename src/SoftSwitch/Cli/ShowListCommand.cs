using System.CommandLine;
using SoftSwitch.Api.Lists;
using SoftSwitch.Cli.Tables;

namespace SoftSwitch.Cli;

/// <summary>One list of the API as a table, or as its JSON with all pages joined.</summary>
internal sealed class ShowListCommand : Command
{
    /// <param name="list">Which.</param>
    /// <param name="options">What all kinds of `show` share.</param>
    public ShowListCommand(IApiList list, ShowOptions options) : base(list.Name, list.Help)
    {
        Examples = list.Examples;
        var filters = list.Filters.Select(options.Of).ToList();
        Add(options.Json);
        Add(options.Watch);
        filters.ForEach(Add);
        Add(options.Socket);
        SetAction(async (parsed, _) =>
        {
            using var client = new ControlClient(options.Socket.OfClient(parsed));
            var query = ShowOptions.Query(parsed, filters);
            var json = parsed.GetValue(options.Json);
            return await Screen.Show(parsed, parsed.GetValue(options.Watch), async (screen, cancel) =>
            {
                if (json)
                {
                    screen.Print(await ListJson.Of(client, list, query, cancel));
                    return;
                }
                var table = await Table(client, list, list.Table, query, cancel);
                if (table.Count == 0)
                    screen.Remark(list.Empty);
                else
                    screen.Print([table.ToText()]);
            });
        });
    }

    /// <summary>What can be typed.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>Asks for a whole list.</summary>
    public static async Task<ListTable> Table(ControlClient client, IApiList list, TableLayout layout, string query,
        CancellationToken cancel)
    {
        var table = new ListTable(layout);
        await foreach (var item in client.Items(list, query, cancel))
            table.Add(item);
        return table;
    }
}
