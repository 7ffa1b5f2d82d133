using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Control;

/// <summary>A client that nobody wrote: a generator of others' makes it from <c>/openapi.json</c> of the running switch, and it changes
/// that switch.</summary>
public sealed class GeneratedClientTests : IDisposable
{
    private const string Config = """
        networks: { dev: { mode: internal } }
        ports: { vm1: { network: dev, kind: guest } }
        """;

    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="Microsoft.Kiota.Abstractions" Version="1.22.1" />
            <PackageReference Include="Microsoft.Kiota.Http.HttpClientLibrary" Version="1.22.1" />
            <PackageReference Include="Microsoft.Kiota.Serialization.Form" Version="1.22.1" />
            <PackageReference Include="Microsoft.Kiota.Serialization.Json" Version="1.22.1" />
            <PackageReference Include="Microsoft.Kiota.Serialization.Multipart" Version="1.22.1" />
            <PackageReference Include="Microsoft.Kiota.Serialization.Text" Version="1.22.1" />
          </ItemGroup>
        </Project>
        """;

    private const string Program = """
        using System.Net.Sockets;
        using Generated;
        using Generated.Models;
        using Microsoft.Kiota.Abstractions.Authentication;
        using Microsoft.Kiota.Http.HttpClientLibrary;
        using Microsoft.Kiota.Http.HttpClientLibrary.Middleware.Options;

        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(args[0]), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var http = KiotaClientFactory.Create(handler);
        using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http);
        adapter.BaseUrl = "http://localhost";
        var api = new SwitchClient(adapter).V1;

        Tell(await api.Ports.PostAsync(new() { NewGuestPort = new() { Name = "vm9", Network = "dev", Kind = "guest", Mtu = 1400 } }));
        var seen = new HeadersInspectionHandlerOption { InspectResponseHeaders = true };
        var port = await api.Ports["vm9"].GetAsync(request => request.Options.Add(seen));
        Console.WriteLine($"{port.Name} {port.Network} {port.Mtu} {port.Origin}");
        var tag = seen.ResponseHeaders["ETag"].Single();
        Tell(await api.Ports["vm9"].PatchAsync(new() { Admin = PortChanges_admin.Down }, request => request.Headers.Add("If-Match", tag)));
        try
        {
            await api.Ports["vm9"].PatchAsync(new() { Comment = "late" }, request => request.Headers.Add("If-Match", tag));
        }
        catch (Problem problem)
        {
            Console.WriteLine($"{problem.Status}: {problem.Detail}");
        }
        Tell(await api.Networks.PostAsync(new() { NewHostOnlyNetwork = new() { Name = "lab", Mode = "host-only" } }));
        Tell(await api.Networks.PostAsync(new() { NewNatNetwork = new() { Name = "out", Mode = "nat", Subnet = "10.77.0.0/24" } }));
        Tell(await api.Forwards.PostAsync(new() { Network = "out", From = "tcp/2222", To = "10.77.0.9:22" }));
        Console.WriteLine(string.Join(' ', (await api.RunTime.GetAsync()).Items.Select(item => item.Name)));
        Tell(await api.Forwards.DeleteAsync(
            request => (request.QueryParameters.Network, request.QueryParameters.From) = ("out", "tcp/2222")));
        Tell(await api.Networks["lab,out"].DeleteAsync());
        Tell(await api.Ports["vm9"].DeleteAsync());

        static void Tell(Change change) => Console.WriteLine(string.Join('\n', change.Changes));
        """;

    private readonly NetNs _host = new("host");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void It_makes_sets_and_removes_what_the_switch_has()
    {
        Need.Tun();
        using var started = SoftSwitchProcess.Start(Config, _host);
        var folder = Directory.CreateDirectory(TemporaryFolder.NewPath(".client")).FullName;
        File.WriteAllText(Path.Combine(folder, "client.csproj"), Project);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Program);
        var description = _host.Exec("curl", ["-sS", "--unix-socket", started.Socket, "http://localhost/openapi.json"]).Succeeded().Output;
        File.WriteAllText(Path.Combine(folder, "openapi.json"), description);

        Dotnet(SourceTree.Root, "dotnet tool restore");
        Dotnet(SourceTree.Root, "dotnet kiota generate --language CSharp --class-name SwitchClient --namespace-name Generated "
            + $"--openapi {folder}/openapi.json --output {folder}/generated");
        Dotnet(folder, "dotnet build -c Release -v q -o out");
        Assert.Equal(
            """
            + port vm9 (guest in network dev)
            vm9 dev 1400 run-time
            ~ port vm9: admin: up → down
            412: somebody else has changed it since: GET it again, and change what you see then
            + network lab (host-only)
            + network out (nat)
            ~ network out: forwards: + { from: tcp/2222, to: "10.77.0.9:22" }
            out tcp/2222 lab out vm9
            ~ network out: forwards: - { from: tcp/2222, to: "10.77.0.9:22" }
            - network lab (host-only)
            - network out (nat)
            - port vm9 (guest in network dev)

            """,
            Dotnet(folder, $"dotnet out/client.dll {started.Socket}"));
        started.Terminate();
    }

    /// <summary>The generator doesn't ask anybody whether there is a newer one.</summary>
    private static string Dotnet(string folder, string command) => Shell.Run("sh",
        ["-c", $"cd {folder} && KIOTA_OFFLINE_ENABLED=true DOTNET_NOLOGO=1 {command}"], TimeSpan.FromMinutes(3)).Succeeded().Output;
}
