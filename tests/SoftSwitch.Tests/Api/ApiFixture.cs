using SoftSwitch.Linux.Control;
using System.Net.Sockets;
using SoftSwitch.Api;
using SoftSwitch.Api.Lists;
using SoftSwitch.Live;
using SoftSwitch.State;

namespace SoftSwitch.Tests.Api;

/// <summary>A control server on a socket of its own, and a client of it that knows nothing of ours.</summary>
internal sealed class ApiFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;

    private ApiFixture(DirectoryInfo directory, ControlServer server)
    {
        _directory = directory;
        Server = server;
        Http = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) => new NetworkStream(await Connect(cancel), ownsSocket: true),
        }) { BaseAddress = new("http://localhost/") };
    }

    public ControlServer Server { get; }

    public HttpClient Http { get; }

    public string Path => Server.Path;

    public static async Task<ApiFixture> Start(
        SampleSwitch? sample = null, SampleChanges? changes = null, Func<SwitchSnapshot>? look = null)
    {
        sample ??= new();
        return await Start(look ?? sample.Look, sample.Lists, changes ?? new());
    }

    public static async Task<ApiFixture> Start(Func<SwitchSnapshot> look, IReadOnlyList<IApiList> lists, ISwitchChanges changes)
    {
        var directory = Directory.CreateTempSubdirectory("ss");
        return new(directory,
            await ControlServer.StartAsync(ControlSocket.Bind(System.IO.Path.Combine(directory.FullName, "s")), look, lists, changes));
    }

    public async Task<Socket> Connect(CancellationToken cancel = default)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), cancel);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
