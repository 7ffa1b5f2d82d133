using System.CommandLine;
using System.CommandLine.Completions;
using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>Names of what the running switch has, for the shell's completion: in a quarter of a second, or none.</summary>
internal static class RunningNames
{
    /// <summary>Where ip netns keeps its namespaces.</summary>
    private const string Namespaces = "/run/netns";

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

    /// <summary>The ports outside that are forwarded, of the network that is named already or of all.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> OfForwards(Option<string> network, SocketOption socket) =>
        context =>
    {
        try
        {
            using var client = new ControlClient(socket.OfClient(context.ParseResult), s_patience);
            var into = context.ParseResult.GetResult(network) is { Tokens: [var named] } ? named.Value : null;
            return client.Items(ApiLists.All.First(one => one.Name == "forwards"), "", default).ToBlockingEnumerable()
                .Where(item => into is null || item.GetProperty("network").GetString() == into)
                .Select(item => new CompletionItem(item.GetProperty("from").GetString()!)).ToList();
        }
        catch (CommandException)
        {
            return [];
        }
    };

    /// <summary>Namespaces that have a name.</summary>
    public static IEnumerable<CompletionItem> OfNamespaces(CompletionContext context)
    {
        try
        {
            return [.. Directory.EnumerateFiles(Namespaces).Select(path => new CompletionItem(Path.GetFileName(path)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Those that are the user's. What the switch makes for itself has a dot in its name, and is neither changed nor plugged
    /// into.</summary>
    /// <param name="list">The list's name.</param>
    /// <param name="socket">Where to ask.</param>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Of(string list, SocketOption socket)
    {
        var all = Of(ApiLists.All.First(one => one.Name == list), socket);
        return context => all(context).Where(item => !item.Label.Contains('.', StringComparison.Ordinal));
    }
}
