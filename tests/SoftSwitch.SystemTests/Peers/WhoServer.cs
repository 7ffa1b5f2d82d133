using System.Net;
using System.Net.Sockets;
using System.Text;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>
/// A server in a namespace that answers each line of a TCP connection and each datagram with the address and port that it sees the asker
/// at, and after them what it was sent. Its sockets live in the namespace, its work is done by the pool's threads here.
/// </summary>
internal sealed class WhoServer : IDisposable
{
    private readonly Socket _tcp;
    private readonly Socket _udp;
    private readonly List<Socket> _connections = [];

    /// <summary>Listens on a port, at one address or ("0.0.0.0") at all.</summary>
    public WhoServer(NetNs ns, int port, string address = "0.0.0.0")
    {
        Need.RealRoot("sockets of the test in another namespace");
        using var space = NetworkNamespace.Open(ns.Path);
        var at = new IPEndPoint(IPAddress.Parse(address), port);
        (_tcp, _udp) = space.Run(() => (
            new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp),
            new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp)));
        _tcp.Bind(at);
        _tcp.Listen(512);
        _udp.Bind(at);
        _ = Accept();
        _ = AnswerDatagrams();
    }

    /// <summary>Sends a datagram, unasked, to somebody it may have heard before.</summary>
    public void SendDatagram(string to, string text) => _udp.SendTo(Encoding.ASCII.GetBytes(text), IPEndPoint.Parse(to));

    /// <summary>Sends a line, unasked, on every connection that is open.</summary>
    public void SendLine(string text)
    {
        lock (_connections)
            foreach (var connection in _connections)
                connection.Send(Encoding.ASCII.GetBytes(text + "\n"));
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _udp.Dispose();
        lock (_connections) _connections.ForEach(connection => connection.Dispose());
    }

    private async Task Accept()
    {
        try
        {
            while (true)
                _ = Answer(await _tcp.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task Answer(Socket connection)
    {
        lock (_connections) _connections.Add(connection);
        try
        {
            using var reader = new StreamReader(new NetworkStream(connection));
            while (await reader.ReadLineAsync() is { } line)
                await connection.SendAsync(Encoding.ASCII.GetBytes($"{connection.RemoteEndPoint} {line}\n"));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The other end is gone, or this server.
        }
        finally
        {
            lock (_connections) _connections.Remove(connection);
            connection.Dispose();
        }
    }

    private async Task AnswerDatagrams()
    {
        var buffer = new byte[65536];
        while (true)
        {
            try
            {
                var heard = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                var text = Encoding.ASCII.GetString(buffer, 0, heard.ReceivedBytes);
                await _udp.SendToAsync(Encoding.ASCII.GetBytes($"{heard.RemoteEndPoint} {text}"), heard.RemoteEndPoint);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException)
            {
                // Somebody who asked was not there for the answer.
            }
        }
    }
}
