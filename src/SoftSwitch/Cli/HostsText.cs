using System.Text;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;

namespace SoftSwitch.Cli;

/// <summary>
/// The names of networks as a file such as /etc/hosts (hosts(5)): an address a line, and its names behind it.
/// <code>10.10.0.10      web.dev.internal web</code>
/// A name of a single word counts for all that the reader looks up, so only the file's own stand there alone, and none that two networks
/// have; what a guest calls itself has the domain behind it.
/// </summary>
internal static class HostsText
{
    /// <param name="query">The filters of the list of names.</param>
    public static async Task<string> Of(ControlClient client, string query, CancellationToken cancel)
    {
        var names = new List<(string Address, string Name, string Full, bool IsOfFile)>();
        await foreach (var item in client.Items(ApiLists.Names, query, cancel))
        {
            names.Add((item.GetProperty("address").GetString()!, item.GetProperty("name").GetString()!,
                item.GetProperty("full").GetString()!, item.GetProperty("source").GetString() == NameView.File));
        }
        var owners = names.Select(one => (one.Name, one.Full)).Distinct().CountBy(one => one.Name).ToDictionary();
        var text = new StringBuilder();
        foreach (var host in names.GroupBy(one => one.Address))
        {
            var all = host.OrderByDescending(one => one.IsOfFile)
                .SelectMany(one => (string[])(one.IsOfFile && owners[one.Name] == 1 ? [one.Full, one.Name] : [one.Full]));
            text.Append($"{host.Key,-15} {string.Join(' ', all.Distinct())}\n");
        }
        return text.ToString();
    }
}
