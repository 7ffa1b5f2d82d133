using System.Net;
using SoftSwitch.Api;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Tests.Api;

/// <summary>The API on a port of a loopback address: who has the token is let in there, and nobody else.</summary>
public sealed class LoopbackTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ss");
    private ControlToken? _token;
    private LoopbackDoor? _door;
    private ControlServer? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var socket = ControlSocket.Bind(Path.Combine(_folder.FullName, "s"));
        _token = ControlToken.Make(socket);
        _door = LoopbackDoor.Open("127.0.0.1:0", ControlToken.Of(socket));
        var sample = new SampleSwitch();
        _server = await ControlServer.StartAsync(socket, sample.Look, sample.Lists, new SampleChanges(), _door);
    }

    public async ValueTask DisposeAsync()
    {
        await _server!.DisposeAsync();
        Assert.False(File.Exists(_token!.Path), "the token is left behind");
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_has_the_token_gets_what_the_socket_gives()
    {
        using var answer = await Ask(Secret);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var posted = await Ask(Secret, method: HttpMethod.Post, path: "v1/reload");
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Nobody_else_is_let_in(string? token)
    {
        foreach (var path in new[] { "v1/status", "openapi.json", "v1/events", "v1/nothing" })
        {
            using var answer = await Ask(token, path: path);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
            Assert.DoesNotContain(Secret, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:8080", true)]
    [InlineData("attacker.example", false)]
    [InlineData("127.0.0.1.attacker.example", false)]
    public async Task A_name_that_is_led_here_is_refused_with_the_token_too(string host, bool isLetIn)
    {
        using var answer = await Ask(Secret, host);
        Assert.Equal(isLetIn, answer.StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public void The_token_is_long_and_for_the_sockets_users_alone()
    {
        Assert.Equal(43, Secret.Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(_token!.Path));
    }

    private string Secret => File.ReadAllText(_token!.Path).TrimEnd();

    private async Task<HttpResponseMessage> Ask(
        string? token, string? host = null, HttpMethod? method = null, string path = "v1/status")
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, $"http://{_door!.EndPoint}/{path}");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        request.Headers.Host = host;
        return await http.SendAsync(request, Cancel);
    }
}
