using System.CommandLine;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Errors;

namespace SoftSwitch.Cli;

/// <summary>What the commands that change the running switch share: how long it holds, whether it is only asked, how the answer is
/// printed.</summary>
internal sealed class ChangeOptions(SocketOption socket)
{
    /// <summary>Interfaces that come and go take their time: a thousand of them, minutes.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Option<bool> _dry = new("--dry-run") { Description = "Prints what would change, and changes nothing" };
    private readonly Option<bool> _json = new("--json") { Description = "Prints the API's JSON" };
    private readonly Option<string?> _ttl = new("--ttl")
    {
        Description = "Takes it back after this time, such as 10m, if nobody has before; none: it stays",
        HelpName = "DURATION",
    };

    public SocketOption Socket => socket;

    /// <summary>It is said how long it holds.</summary>
    public bool HasTtl(ParseResult parsed) => parsed.GetValue(_ttl) is not null;

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">Which.</param>
    /// <param name="mayExpire">What it does can hold for a while only.</param>
    public void AddTo(Command command, bool mayExpire = true)
    {
        if (mayExpire)
            command.Add(_ttl);
        command.Add(_dry);
        command.Add(_json);
        command.Add(socket);
    }

    /// <summary>It is only asked what would change.</summary>
    public bool IsDry(ParseResult parsed) => parsed.GetValue(_dry);

    /// <summary>The switch that is asked.</summary>
    public ControlClient Client(ParseResult parsed) => new(socket.OfClient(parsed), s_patience);

    /// <summary>Asks for a change and prints what has changed.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="method">What is to be done.</param>
    /// <param name="path">At which path.</param>
    /// <param name="query">What stands behind the question mark beside these options.</param>
    /// <param name="body">What is said about it; null: nothing.</param>
    /// <param name="type">The media type of that.</param>
    /// <param name="nothing">What to print where nothing has changed.</param>
    /// <returns>The exit status.</returns>
    public async Task<int> Send(
        ParseResult parsed, HttpMethod method, string path, IEnumerable<(string Name, string Value)> query, string? body,
        CancellationToken cancel, string type = ChangeRoutes.Json, string nothing = "nothing to change: it is so already")
    {
        (string Name, string Value)[] all =
        [
            .. query,
            .. parsed.GetValue(_ttl) is { } ttl ? [(ChangeParameters.Ttl, ttl)] : Array.Empty<(string, string)>(),
            .. parsed.GetValue(_dry) ? [(ChangeParameters.DryRun, "true")] : Array.Empty<(string, string)>(),
        ];
        var asked = string.Join('&', all.Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value)}"));
        using var client = Client(parsed);
        var text = await client.Send(method, asked.Length > 0 ? $"{path}?{asked}" : path, body, type, cancel);
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (parsed.GetValue(_json))
        {
            output.Write(await PrettyJson.Of(text));
            return ExitStatus.Done;
        }
        var change = client.One(ChangeView.Members, text);
        foreach (var line in change.GetProperty("changes").EnumerateArray())
            output.WriteLine(line.GetString());
        if (change.GetProperty("changes").GetArrayLength() == 0)
            output.WriteLine(nothing);
        if (change.TryGetProperty("notes", out var notes))
        {
            foreach (var note in notes.EnumerateArray())
                error.WriteLine($"softswitch: {note.GetString()}");
        }
        return ExitStatus.Done;
    }
}
