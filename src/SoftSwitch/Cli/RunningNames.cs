using System.CommandLine;
using System.CommandLine.Completions;
using SoftSwitch.Api;

namespace SoftSwitch.Cli;

/// <summary>Names of the running switch's ports and networks, for the shell's completion: in a quarter of a second, or none.</summary>
internal static class RunningNames
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public static Func<CompletionContext, IEnumerable<CompletionItem>> Ports(SocketOption socket) => context =>
        Ask(context, socket, client => client.All("v1/ports", "", ApiJson.Default.PageViewPortView, default).Select(port => port.Name));

    public static Func<CompletionContext, IEnumerable<CompletionItem>> Networks(SocketOption socket) => context =>
        Ask(context, socket, client => client.All("v1/networks", "", ApiJson.Default.PageViewNetworkView, default).Select(network => network.Name));

    private static IEnumerable<CompletionItem> Ask(CompletionContext context, SocketOption socket, Func<ControlClient, IAsyncEnumerable<string>> names)
    {
        try
        {
            using var client = new ControlClient(socket.OfClient(context.ParseResult), Patience);
            return names(client).ToBlockingEnumerable().Select(name => new CompletionItem(name)).ToList();
        }
        catch (CommandException)
        {
            return [];
        }
    }
}
