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
        var filters = list.Filters.Select(filter => new FilterOption(filter, options.Socket)).ToList();
        var format = list.HasHosts ? new ListFormatOption() : null;
        options.AddTo(this, format is null ? filters : [.. filters, format]);
        SetAction((parsed, _) => options.Show(parsed, async (client, screen, cancel) =>
        {
            var query = FilterOption.Query(parsed, filters);
            if (format?.Of(parsed) == ListFormat.Hosts)
            {
                screen.Print(await HostsText.Of(client, query, cancel));
                return;
            }
            if (parsed.GetValue(options.Json))
            {
                screen.Print(await ListJson.Of(client, list, query, cancel));
                return;
            }
            var table = await ListTable.Of(client.Items(list, query, cancel), list.Table);
            if (table.Count == 0)
                screen.Remark(list.Empty);
            else
                screen.Print([table.ToText()]);
        }));
    }

    /// <summary>What can be typed.</summary>
    public IReadOnlyList<string> Examples { get; }
}
