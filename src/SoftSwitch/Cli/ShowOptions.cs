using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>What the kinds of `show` share.</summary>
internal sealed class ShowOptions(SocketOption socket)
{
    private readonly Option<bool> _watch = new("--watch") { Description = "Shows it anew each second until Ctrl-C" };

    public SocketOption Socket => socket;

    /// <summary>The API's JSON instead of a table.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Prints the API's JSON" };

    /// <summary>Adds them to a command, and what it has of its own.</summary>
    public void AddTo(Command command, params IEnumerable<Option> own)
    {
        foreach (var option in (IEnumerable<Option>)[Json, _watch, .. own, socket])
            command.Add(option);
    }

    /// <summary>Calls <paramref name="print"/> once, or each second until Ctrl-C.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> Show(ParseResult parsed, Func<ControlClient, Screen, CancellationToken, Task> print)
    {
        using var client = new ControlClient(socket.OfClient(parsed));
        return await Screen.Show(parsed, parsed.GetValue(_watch), (screen, cancel) => print(client, screen, cancel));
    }
}
