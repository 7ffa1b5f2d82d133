using System.Net.Sockets;

namespace SoftSwitch.Linux.Relays;

/// <summary>One forwarded TCP port: accepts, and relays each connection as long as it lasts.</summary>
internal sealed class TcpForward : IDisposable
{
    /// <summary>The pause after a failed accept. There is a lack of descriptors or memory: another try at once would only burn the
    /// processor.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly TcpRelay _relay;
    private readonly Socket _listener;
    private readonly int _port;
    private readonly CancellationTokenSource _ending = new();
    private int _connections;

    internal TcpForward(TcpRelay relay, Socket listener, int port)
    {
        (_relay, _listener, _port) = (relay, listener, port);
        relay.Join();
        _ = Task.Run(AcceptAsync);
    }

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _relay.Part();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptAsync(_ending.Token);
                if (_relay.TryEnter(ref _connections, !OpenFiles.IsAmongTheLast((int)client.SafeHandle.DangerousGetHandle())))
                    _ = RelayAsync(client);
                else
                    TcpConnection.Reset(client);
            }
            catch (SocketException) when (!_ending.IsCancellationRequested)
            {
                await Task.Delay(s_pause);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                // It costs one connection, not the port.
                _relay.Tell(e);
                await Task.Delay(s_pause);
            }
        }
    }

    private async Task RelayAsync(Socket client)
    {
        try
        {
            await TcpConnection.RelayAsync(client, _relay, _port, _ending.Token);
        }
        catch (Exception e)
        {
            _relay.Tell(e);
        }
        finally
        {
            _relay.Leave(ref _connections);
        }
    }
}
