using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Api;

/// <summary>
/// Accepts connections to the API. When the process or the machine has no descriptor left, the framework's own listener tries again at once
/// and for ever, which takes a processor and helps nobody. This one keeps a descriptor in reserve: with it, it takes the next connection
/// and closes it, so that a client isn't left waiting, and rests. A client that gets no place (<see cref="ConnectionPlaces"/>) is told so
/// at once: the answer waits for no request.
/// </summary>
internal sealed class ControlListener(EndPoint endpoint, Socket listener) : IConnectionListener
{
    /// <summary>
    /// Bytes of a write that may wait to be sent without holding up the writer: fewer can't be set. So a write is done when the kernel has
    /// it, and one that isn't done shows a peer that doesn't read.
    /// </summary>
    public const int WriteBuffer = 2;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly ConnectionPlaces _places = new();
    private readonly SocketConnectionContextFactory _connections = new(new() { MaxWriteBufferSize = WriteBuffer }, NullLogger.Instance);
    private readonly BusyAnswers _busy = new();
    private SafeFileHandle? _reserve = Reserve();

    public EndPoint EndPoint => endpoint;

    /// <returns>Null: no more will come.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                if (Admit(await listener.AcceptAsync(cancellationToken)) is { } connection)
                    return connection;
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException
                or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return null;
            }
            catch (Exception)
            {
                // No descriptor, no memory: whatever it is, the loop must be there when it is over.
                RefuseNext();
                await Task.Delay(s_pause, CancellationToken.None);
            }
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        listener.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        listener.Dispose();
        _connections.Dispose();
        _reserve?.Dispose();
        return default;
    }

    /// <returns>Null: there is no place for it.</returns>
    private ConnectionContext? Admit(Socket socket)
    {
        ConnectionContext? connection = null;
        var user = UserOf(socket);
        var place = _places.Take(user, () => connection?.Abort(new ConnectionAbortedException("root has newer connections")));
        if (place is null)
        {
            _ = _busy.Tell(socket, user);
            return null;
        }
        try
        {
            connection = _connections.Create(socket);
            connection.Features.Set(place);
            return connection;
        }
        catch
        {
            place.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A peer that the kernel doesn't name has the overflow user's places.</summary>
    private static uint UserOf(Socket socket)
    {
        try
        {
            return PeerCredentials.Of(socket).User;
        }
        catch (SocketException)
        {
            return 65534;
        }
    }

    private void RefuseNext()
    {
        _reserve?.Dispose();
        try
        {
            if (listener.Poll(0, SelectMode.SelectRead))
                listener.Accept().Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Somebody else was quicker with the descriptor.
        }
        _reserve = Reserve();
    }

    private static SafeFileHandle? Reserve()
    {
        try
        {
            return File.OpenHandle("/dev/null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
