using System.Net;
using Microsoft.AspNetCore.Connections;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Api;

/// <summary>Hands Kestrel the socket that <see cref="ControlSocket"/> made, with an accept loop of our own.</summary>
internal sealed class ControlTransport(ControlSocket socket) : IConnectionListenerFactory
{
    /// <summary>Connections that wait to be accepted.</summary>
    private const int Backlog = 128;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        socket.Listener.Listen(Backlog);
        return new(new ControlListener(endpoint, socket.Listener));
    }
}
