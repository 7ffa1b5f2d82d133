using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using SoftSwitch.Api.Events;
using SoftSwitch.Api.Lists;
using SoftSwitch.Bounds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Live;
using SoftSwitch.State;

namespace SoftSwitch.Api;

/// <summary>The API on the control socket, until disposed.</summary>
/// <remarks>
/// Theory of operation. Kestrel on a socket that <see cref="ControlSocket"/> made, accepted by <see cref="ControlListener"/>. The host is
/// built empty: it reads no appsettings.json of whatever directory the switch was started in and no environment variable, logs nothing, and
/// leaves the signals to us. Before HTTP begins, the peer's credentials are read from the kernel; a peer that isn't admitted gets 403 for
/// every request. The routes (<see cref="ApiRoutes"/>) know nothing of sockets, so that a loopback listener can serve the same ones.
/// Limits: so many connections at a time as <see cref="ControlListener"/> has places, a body of 64 KiB, 8 KiB of headers that must arrive
/// within 5 seconds, 15 idle seconds; so many answers at a time as <see cref="Answers"/> has places; a client that writes too slowly is cut
/// off (Kestrel's data rates), and so is one that doesn't read (<see cref="PatientWriter"/>). Requests run on the thread pool, never on a
/// forwarding thread.
/// </remarks>
internal sealed class ControlServer : IAsyncDisposable
{
    private static readonly TimeSpan s_longestStop = TimeSpan.FromSeconds(2);
    private readonly ControlSocket _socket;
    private readonly WebApplication _app;

    private readonly EventBook _events;

    private readonly LoopbackDoor? _door;

    private ControlServer(ControlSocket socket, LoopbackDoor? door, WebApplication app, EventBook events) =>
        (_socket, _door, _app, _events) = (socket, door, app, events);

    /// <summary>Where it answers.</summary>
    public string Path => _socket.Path;

    /// <summary>Answers on the socket from now on, and disposes of it in the end.</summary>
    /// <param name="socket">Where.</param>
    /// <param name="look">Gives what there is of the switch now.</param>
    /// <param name="lists">The lists it serves.</param>
    /// <param name="changes">Changes the switch.</param>
    /// <param name="door">Where it answers as well; disposed of in the end.</param>
    public static async Task<ControlServer> StartAsync(
        ControlSocket socket, Func<SwitchSnapshot> look, IReadOnlyList<IApiList> lists, ISwitchChanges changes, LoopbackDoor? door = null)
    {
        try
        {
            var events = new EventBook(look);
            var app = Build(socket, door, routes => ApiRoutes.Map(routes, look, lists, changes, events));
            await app.StartAsync();
            return new(socket, door, app, events);
        }
        catch
        {
            socket.Dispose();
            door?.Dispose();
            throw;
        }
    }

    /// <summary>Takes the name away first, so that nobody new arrives, then ends what is running.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _door?.Dispose();
        _events.Dispose();
        using var patience = new CancellationTokenSource(s_longestStop);
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }

    private static WebApplication Build(ControlSocket socket, LoopbackDoor? door, Action<IEndpointRouteBuilder> map)
    {
        var builder =
            WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "softswitch", ContentRootPath = "/" });
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new ControlTransport(socket, door));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            SetLimits(kestrel);
            kestrel.ListenUnixSocket(socket.Path, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => connection => Serve(connection, socket, next));
            });
            if (door is not null)
            {
                kestrel.Listen(door.EndPoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(door);
                        return next(connection);
                    });
                });
            }
        });
        var app = builder.Build();
        app.Use(Problems.Answer);
        app.Use(RequestRules.Check);
        app.UseRouting();
        map(app);
        return app;
    }

    private static Task Serve(ConnectionContext connection, ControlSocket socket, ConnectionDelegate next)
    {
        connection.Features.Set(PeerOf(socket, connection.Features.Get<IConnectionSocketFeature>()?.Socket));
        return next(connection);
    }

    private static void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = ProgramLimits.RequestBody.Most;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 8 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 40;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(15);
    }

    private static PeerAdmission PeerOf(ControlSocket socket, Socket? connected)
    {
        if (connected is null)
            return new(false, "the other end of this connection is not known");
        try
        {
            var peer = PeerCredentials.Of(connected);
            if (socket.Admits(peer))
                return new(true, "");
            var group = LocalGroup.Find(ControlSocket.GroupName) == socket.Group ? ControlSocket.GroupName : null;
            return new(false, $"user {peer.User} may not use this switch; {Remedy.Of(peer.User).Group(group, null, false)}");
        }
        catch (SocketException)
        {
            return new(false, "the kernel does not say who is at the other end of this connection");
        }
    }
}
