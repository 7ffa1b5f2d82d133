using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace SoftSwitch.Api;

/// <summary>
/// Accepts connections to the API. When the process or the machine has no descriptor left, the framework's own listener tries again at once and for ever, which takes
/// a processor and helps nobody. This one keeps a descriptor in reserve: with it, it takes the next connection and closes it, so that a client
/// isn't left waiting, and rests.
/// </summary>
internal sealed class ControlListener(EndPoint endpoint, Socket listener) : IConnectionListener
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly SocketConnectionContextFactory _connections = new(new(), NullLogger.Instance);
    private SafeFileHandle? _reserve = Reserve();

    public EndPoint EndPoint => endpoint;

    /// <returns>Null: no more will come.</returns>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return _connections.Create(await listener.AcceptAsync(cancellationToken));
            }
            catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException or SocketException { SocketErrorCode: SocketError.OperationAborted })
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
