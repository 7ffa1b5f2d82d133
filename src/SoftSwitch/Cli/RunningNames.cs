using System.CommandLine.Completions;
using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>Names of what the running switch has, for the shell's completion: in a quarter of a second, or none.</summary>
internal static class RunningNames
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(250);

    /// <param name="list">Whose items have names.</param>
    /// <param name="socket">Where to ask.</param>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Of(IApiList list, SocketOption socket) => context =>
    {
        try
        {
            using var client = new ControlClient(socket.OfClient(context.ParseResult), s_patience);
            return client.Items(list, "", default).ToBlockingEnumerable()
                .Select(item => new CompletionItem(item.GetProperty("name").GetString()!)).ToList();
        }
        catch (CommandException)
        {
            return [];
        }
    };

    /// <param name="list">The list's name.</param>
    /// <param name="socket">Where to ask.</param>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Of(string list, SocketOption socket) =>
        Of(ApiLists.All.First(one => one.Name == list), socket);
}
