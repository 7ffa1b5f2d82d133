using System.Buffers;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Relays;

/// <summary>One relayed connection, from the moment it was accepted to its end.</summary>
internal static class TcpConnection
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Connects to the target and copies both ways until both have ended. Doesn't throw for what the ends or the network
    /// do.</summary>
    internal static async Task RelayAsync(Socket client, TcpRelay relay, int port, CancellationToken ending)
    {
        using var _ = client;
        try
        {
            using var server = relay.Towards();
            try
            {
                await ConnectAsync(server, Address(relay.Target), port, ending);
                Prepare(client);
                Prepare(server);
                using var failed = CancellationTokenSource.CreateLinkedTokenSource(ending);
                await Task.WhenAll(CopyAsync(client, server, failed), CopyAsync(server, client, failed));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                Reset(server);
                Reset(client);
            }
        }
        catch (SocketException)
        {
            Reset(client); // No descriptor for the other side, or its interface is gone.
        }
    }

    /// <summary>Closes with a reset, so that nobody takes what was cut off for complete.</summary>
    internal static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new(true, 0);
        }
        catch (SocketException)
        {
            // It never was connected, or is reset already.
        }
        socket.Dispose();
    }

    private static async Task ConnectAsync(Socket server, IPAddress address, int port, CancellationToken ending)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ending);
        limit.CancelAfter(TcpRelay.ConnectTime);
        await server.ConnectAsync(new IPEndPoint(address, port), limit.Token);
    }

    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        // An end that vanished without a word is noticed, in time.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationTokenSource failed)
    {
        try
        {
            while (true)
            {
                // Waits without a buffer: a connection at rest costs none.
                await from.ReceiveAsync(Memory<byte>.Empty, failed.Token);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var read = await from.ReceiveAsync(buffer.AsMemory(0, BufferSize), failed.Token);
                    if (read == 0)
                        break;
                    for (var sent = 0; sent < read;)
                        sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), failed.Token);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // Whatever ended this direction by force ends the other one too.
            await failed.CancelAsync();
            throw;
        }
    }

    internal static IPAddress Address(Ipv4Address address)
    {
        Span<byte> bytes = stackalloc byte[Ipv4Address.Size];
        address.Write(bytes);
        return new(bytes);
    }
}
