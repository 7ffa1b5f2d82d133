using System.Net;
using Microsoft.AspNetCore.Connections;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Api;

/// <summary>Hands Kestrel the socket that <see cref="ControlSocket"/> made, with an accept loop of our own.</summary>
internal sealed class ControlTransport(ControlSocket socket) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new ControlListener(endpoint, socket.Listener));
}
