using System.Net;
using Microsoft.AspNetCore.Connections;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Api;

/// <summary>Hands Kestrel the sockets that were made before, with an accept loop of our own.</summary>
internal sealed class ControlTransport(ControlSocket socket, LoopbackDoor? door) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(new ControlListener(endpoint, endpoint is IPEndPoint ? door!.Listener : socket.Listener));
}
