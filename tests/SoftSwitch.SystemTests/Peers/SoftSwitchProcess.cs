using System.Net.Sockets;
using System.Text.Json;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// A running "softswitch run FILE --socket PATH", in a namespace that plays the host or on the machine itself, and the
/// client commands that talk to it. Disposal kills it if it still runs, and removes its files.
/// </summary>
public sealed class SoftSwitchProcess : IDisposable
{
    private readonly NetNs? _host;
    private readonly string _config;
    private static readonly string[] s_lists = ["networks", "ports", "neighbors", "forwards", "drops"];
    private readonly string[] _words;
    private BackgroundProcess _process;
    private string _before = "";
    private string? _testimony;

    private SoftSwitchProcess(string config, NetNs? host, IEnumerable<string> arguments)
    {
        (_host, _config) = (host, config);
        ConfigFile = TemporaryFolder.NewPath(".yaml");
        Socket = TemporaryFolder.NewPath(".sock");
        File.WriteAllText(ConfigFile, config);
        _words = ["run", ConfigFile, "--socket", Socket, .. arguments];
        TestContext.Current.TestOutputHelper?.WriteLine(PublishedExecutable.Note);
        _process = Begin();
        Evidence.Add(this);
    }

    /// <summary>The configuration's file.</summary>
    public string ConfigFile { get; }

    /// <summary>The control socket.</summary>
    public string Socket { get; }

    /// <summary>Its process id.</summary>
    public int Pid => _process.Pid;

    /// <summary>True while it runs.</summary>
    public bool IsRunning => _process.IsRunning;

    /// <summary>The lines on standard error so far.</summary>
    public IReadOnlyList<string> Errors => _process.Errors;

    /// <summary>Starts it and waits for "ready", alone on a line of standard output.</summary>
    public static SoftSwitchProcess Start(string config, NetNs? host = null, params IEnumerable<string> arguments)
    {
        var started = StartWithoutWaiting(config, host, arguments);
        try
        {
            started.WaitForReady();
            return started;
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>Starts it; for tests of what happens before "ready", or instead of it.</summary>
    public static SoftSwitchProcess StartWithoutWaiting(string config, NetNs? host = null, params IEnumerable<string> arguments) =>
        new(config, host, arguments);

    /// <summary>Waits for "ready".</summary>
    public void WaitForReady(TimeSpan? limit = null) => _process.WaitForOutputLine("ready", limit);

    /// <summary>Waits for a line on either stream that contains the text.</summary>
    public string WaitForLine(string text, TimeSpan? limit = null) => _process.WaitForLine(line => line.Contains(text), limit);

    /// <summary>Waits for its end by itself and returns the exit status.</summary>
    public int WaitForExit(TimeSpan? limit = null) => _process.WaitForExit(limit);

    /// <summary>Runs a command of the executable that needs no running switch ("check FILE", "--version").</summary>
    public static ShellResult Command(NetNs? host, params IEnumerable<string> arguments) =>
        host?.Exec(PublishedExecutable.Path, arguments) ?? Shell.Run(PublishedExecutable.Path, arguments);

    /// <summary>Runs a client command against this switch ("show ports", …).</summary>
    public ShellResult Client(params IEnumerable<string> arguments) => Command(_host, [.. arguments, "--socket", Socket]);

    /// <summary>What "show WHAT --json" prints, whole: a list stands in "items".</summary>
    public JsonElement Show(string what)
    {
        var result = Client("show", what, "--json").Succeeded();
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    /// <summary>The items of "show WHAT --json".</summary>
    public IReadOnlyList<JsonElement> Items(string what) => [.. Show(what).GetProperty("items").EnumerateArray()];

    /// <summary>SIGHUP, after the file has got this text if one is given. It says nothing of when the switch is done.</summary>
    public void Reload(string? config = null)
    {
        if (config is not null) File.WriteAllText(ConfigFile, config);
        _process.Signal("HUP");
    }

    /// <summary>Has it read its file again, and waits until that is done.</summary>
    /// <param name="config">What the file says from now on.</param>
    /// <returns>The answer's status, and what it says.</returns>
    public (int Status, string Body) ReloadNow(string config)
    {
        File.WriteAllText(ConfigFile, config);
        using var http = Http(TimeSpan.FromSeconds(60));
        using var answer = http.PostAsync("http://localhost/v1/reload", null).GetAwaiter().GetResult();
        return ((int)answer.StatusCode, answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
    }

    /// <summary>SIGTERM; it has to exit with 0.</summary>
    public void Terminate()
    {
        _process.Signal("TERM");
        var status = _process.WaitForExit();
        if (status != 0) Assert.Fail($"softswitch ended with {status} after SIGTERM\n{_process.All()}");
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Starts it anew after its end, as whoever looks after it does: with the same file and socket. Waits for "ready".</summary>
    public void StartAgain()
    {
        _before += $"{_process.All()}\n(started again)\n";
        _process = Begin();
        WaitForReady();
    }

    /// <summary>What it was told and has said, and what the API says of it now, or when it was disposed of; for whoever looks into a
    /// failure.</summary>
    public string Testify() => _testimony ?? $"{_config}\n{_before}{_process.All()}\n{State()}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _testimony ??= Testify();
        Evidence.Dispose($"kept: {PublishedExecutable.Path} show --socket {Socket} (of {ConfigFile}, process {Pid})", () =>
        {
            _process.Dispose();
            File.Delete(ConfigFile);
            File.Delete(Socket);
        });
    }

    private BackgroundProcess Begin() =>
        _host?.Start(PublishedExecutable.Path, _words) ?? new BackgroundProcess(PublishedExecutable.Path, _words);

    /// <summary>Asked without the command, which would have to be started for each list.</summary>
    private string State()
    {
        if (!IsRunning || !File.Exists(Socket)) return "(it has ended)";
        try
        {
            using var http = Http(TimeSpan.FromSeconds(1));
            return string.Join('\n',
                s_lists.Select(list => $"{list}: {http.GetStringAsync($"http://localhost/v1/{list}").GetAwaiter().GetResult()}"));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or SocketException)
        {
            return $"(it does not answer: {e.Message})";
        }
    }

    private HttpClient Http(TimeSpan limit) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    }) { Timeout = limit };
}
