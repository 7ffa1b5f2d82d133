using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Api;

/// <summary>
/// The second way to the API: a port of a loopback address. There the kernel doesn't say who asks, and any program of this machine, any
/// user's and any web page in a browser, gets as far: so each request bears the <see cref="ControlToken"/> (RFC 6750), and is one that was
/// meant for this machine (a name that somebody's DNS leads here is refused).
/// </summary>
/// <param name="listener">Bound and listening.</param>
/// <param name="token">Who has it may do what members of the socket's group may.</param>
internal sealed class LoopbackDoor(Socket listener, ControlToken token) : IDisposable
{
    private const string Scheme = "Bearer ";

    public IPEndPoint EndPoint => (IPEndPoint)listener.LocalEndPoint!;

    public Socket Listener => listener;

    /// <param name="listen">An address and a port, such as 127.0.0.1:8080.</param>
    /// <param name="token">The token.</param>
    /// <exception cref="SocketException">Somebody else has it, or it isn't for us.</exception>
    public static LoopbackDoor Open(string listen, ControlToken token)
    {
        var place = IPEndPoint.Parse(listen);
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(place);
            socket.Listen();
            return new(socket, token);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether a request may come in, and if not, why.</summary>
    public PeerAdmission Admit(HttpRequest request)
    {
        if (!IsMeant(request.Host.Host))
            return new(false, $"this is asked of '{request.Host.Host}': ask {EndPoint}");
        var said = request.Headers.Authorization.ToString();
        return said.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && token.Is(said[Scheme.Length..].Trim()) ? new(true, "")
            : new(false, $"here a request bears the token in {token.Path}: Authorization: Bearer TOKEN");
    }

    public void Dispose()
    {
        listener.Dispose();
        token.Dispose();
    }

    private bool IsMeant(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
