using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using SoftSwitch.Bounds;
using SoftSwitch.Linux.Control;

namespace SoftSwitch.Api;

/// <summary>
/// Accepts connections to the API. When the process or the machine has no descriptor left, the framework's own listener tries again at once
/// and for ever, which takes a processor and helps nobody. This one keeps a descriptor in reserve: with it, it takes the next connection
/// and closes it, so that a client isn't left waiting, and rests. A new connection has a place (<see cref="UserPlaces"/>) at once, where
/// necessary that of an older one, which ends; only where as many users as <see cref="ProgramLimits.Clients"/> says have one each is one
/// told that there is none.
/// </summary>
internal sealed class ControlListener(EndPoint endpoint, Socket listener) : IConnectionListener
{
    /// <summary>The overflow user: who comes from elsewhere, or isn't named by the kernel.</summary>
    public const uint NobodyKnown = 65534;

    /// <summary>
    /// Bytes of a write that may wait to be sent without holding up the writer: fewer can't be set. So a write is done when the kernel has
    /// it, and one that isn't done shows a peer that doesn't read.
    /// </summary>
    public const int WriteBuffer = 2;

    /// <summary>Bytes that wait to be looked at: more than the longest request without its body.</summary>
    private const int ReadBuffer = 32 * 1024;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(5);

    private readonly UserPlaces _places = new(ProgramLimits.Clients.Most, ProgramLimits.ClientsOfUser.Most);
    private readonly SocketConnectionContextFactory _connections =
        new(new() { MaxWriteBufferSize = WriteBuffer, MaxReadBufferSize = ReadBuffer }, NullLogger.Instance);
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
                // Nobody comes faster than those who had to give way for it are gone.
                while (_places.IsCrowded)
                    await Task.Delay(s_rest, cancellationToken);
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

    /// <returns>Null: there is no place for it, or nobody any more who would need one. Who only comes and goes fills the kernel's queue of
    /// those that wait here, so what has gone must take next to no time.</returns>
    private ConnectionContext? Admit(Socket socket)
    {
        if (PeerCredentials.HasGone(socket))
        {
            socket.Dispose();
            return null;
        }
        ConnectionContext? connection = null;
        var user = UserOf(socket);
        var place = _places.Take(user, () => connection?.Abort(new("newer connections need its place")), Environment.TickCount64);
        if (place is null)
        {
            _ = _busy.Tell(socket);
            return null;
        }
        try
        {
            connection = new PlacedConnection(_connections.Create(socket), place);
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
            return NobodyKnown;
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
