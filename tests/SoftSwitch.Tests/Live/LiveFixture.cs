using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using SoftSwitch.Api;
using SoftSwitch.Config;
using SoftSwitch.Live;
using SoftSwitch.Logging;
using SoftSwitch.Tests.Api;
using SoftSwitch.Tests.Cli;

namespace SoftSwitch.Tests.Live;

/// <summary>A file, a state folder, and what runs by them behind an API, for as many starts as a test wants.</summary>
internal sealed class LiveFixture : IAsyncDisposable
{
    public const string TwoGuests = """
        # The two of the lab
        networks:
          dev: { mode: internal }   # for developers
          lab: { mode: internal }
        ports:
          vm1: { network: dev, kind: guest }
          vm2: { network: dev, kind: guest, comment: "second" }
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ss-live");
    private RunTimeMemory _memory = RunTimeMemory.None;
    private ApiFixture? _api;

    private LiveFixture()
    {
    }

    public string File => Path.Combine(_folder.FullName, "switch.yaml");

    public string State => Path.Combine(_folder.FullName, "state");

    public Clock Time { get; } = new();

    public AgreeableSwitch Switch { get; private set; } = null!;

    public LiveConfig Config { get; private set; } = null!;

    /// <summary>What a start has told.</summary>
    public List<string> Told { get; } = [];

    public ApiFixture Api => _api!;

    public static async Task<LiveFixture> Start(string text = TwoGuests, bool keeps = true)
    {
        var fixture = new LiveFixture();
        fixture.Write(text);
        await fixture.Restart(keeps);
        return fixture;
    }

    public void Write(string text) => System.IO.File.WriteAllText(File, $"{text.TrimEnd()}\nstate: {State}\n");

    /// <summary>Ends what runs and starts it anew from the file and the state folder.</summary>
    /// <param name="keeps">It has a state folder.</param>
    /// <param name="name">What the user calls the file; null: by its whole path.</param>
    public async Task Restart(bool keeps = true, string? name = null)
    {
        if (_api is not null)
            await _api.DisposeAsync();
        _memory.Dispose();
        Told.Clear();
        _memory = new(keeps ? State : null, File, Told.Add);
        var start = LayeredStart.Of(ConfigDocument.Load(name ?? File), _memory.Load(), null, Time.GetUtcNow());
        Told.AddRange(start.LeftOut);
        // As from one program to the next.
        Assert.True(LayeredStart.TryTake(start.Leave(), out var left));
        Assert.DoesNotContain('\n', start.Leave());
        Switch = new(left.Compile(null).Model!);
        Config = new(new(File), left, _memory, Switch, SilentLog.Instance, Time);
        _api = await ApiFixture.Start(() => Config.Seen(Switch.Look()), ApiLists.All, Config);
    }

    /// <summary>Asks as any client would.</summary>
    public async Task<(int Status, JsonNode? Answer, HttpResponseMessage Response)> Ask(
        string method, string path, string? body = null, string type = "application/json", string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, type);
        if (ifMatch is not null)
            request.Headers.IfMatch.Add(ifMatch == "*" ? EntityTagHeaderValue.Any : EntityTagHeaderValue.Parse(ifMatch));
        var response = await Api.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text), response);
    }

    public Task<CommandRun> Run(params string[] words) => CommandRun.Of([.. words, "--socket", Api.Path]);

    public IEnumerable<string> Ports => Switch.Model.Ports.Select(port => port.Name);

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        _memory.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>A clock that a test sets.</summary>
    public sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
