using System.Net;
using System.Net.Sockets;
using System.Text;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>A TCP connection, or a connected UDP socket, from a namespace to a <see cref="WhoServer"/>.</summary>
internal sealed class Conversation : IDisposable
{
    private readonly Socket _socket;
    private readonly bool _tcp;
    private string _unread = "";
    private int _questions;

    private Conversation(Socket socket, bool tcp) => (_socket, _tcp) = (socket, tcp);

    /// <summary>What the kernel said when connecting, sending or receiving failed: an RST or an ICMP error came; Success
    /// otherwise.</summary>
    public SocketError Error { get; private set; }

    /// <summary>The port at this end.</summary>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Connects within <paramref name="seconds"/>; whether it worked is in <see cref="Error"/> (TimedOut: nobody
    /// answered).</summary>
    /// <param name="protocol">"tcp" or "udp".</param>
    /// <param name="from">The port at this end; 0: any.</param>
    public static Conversation Open(NetNs ns, string protocol, string address, int port, int from = 0, double seconds = 3,
        string? source = null)
    {
        Need.RealRoot("sockets of the test in another namespace");
        var (tcp, to) = (protocol == "tcp", IPAddress.Parse(address));
        var any = to.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        using var space = NetworkNamespace.Open(ns.Path);
        var socket = space.Run(() => new Socket(
            to.AddressFamily, tcp ? SocketType.Stream : SocketType.Dgram, tcp ? ProtocolType.Tcp : ProtocolType.Udp));
        var conversation = new Conversation(socket, tcp);
        try
        {
            // Several conversations may share a port at this end, as long as they go to different places.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(source is null ? any : IPAddress.Parse(source), from));
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
            socket.ConnectAsync(new IPEndPoint(to, port), limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (SocketException e)
        {
            conversation.Error = e.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            conversation.Error = SocketError.TimedOut;
        }
        return conversation;
    }

    /// <summary>One question: how the server sees the asker ("192.0.2.2:20000"), or null.</summary>
    public static string? Seen(NetNs ns, string protocol, string address, int port, int from = 0, double seconds = 3, int bytes = 0)
    {
        using var conversation = Open(ns, protocol, address, port, from, seconds);
        return conversation.Ask(seconds, bytes);
    }

    /// <summary>
    /// Asks how the server sees this end, with a question of at least so many bytes, which comes back; null when no answer came in time,
    /// with the reason in <see cref="Error"/>. A datagram is sent again after half the time.
    /// </summary>
    public string? Ask(double seconds = 3, int bytes = 0)
    {
        if (Error is not (SocketError.Success or SocketError.TimedOut) || !_socket.Connected) return null;
        Error = SocketError.Success;
        var question = $"question {++_questions}".PadRight(bytes, '.');
        try
        {
            for (var attempt = 0; attempt < 2; attempt++)
            {
                if (attempt == 0 || !_tcp) _socket.Send(Encoding.ASCII.GetBytes(question + (_tcp ? "\n" : "")));
                for (var until = DateTime.UtcNow.AddSeconds(seconds / 2); DateTime.UtcNow < until;)
                    if (Next(until - DateTime.UtcNow) is { } answer && answer.EndsWith(' ' + question, StringComparison.Ordinal))
                        return answer.Split(' ')[0];
            }
            Error = SocketError.TimedOut;
        }
        catch (SocketException e)
        {
            Error = e.SocketErrorCode;
        }
        return null;
    }

    /// <summary>The next line or datagram that comes; null: none in time, or the other end closed.</summary>
    public string? Next(TimeSpan wait)
    {
        var buffer = new byte[65536];
        for (var until = DateTime.UtcNow + wait; ;)
        {
            var end = _unread.IndexOf('\n');
            if (end >= 0)
            {
                var line = _unread[..end];
                _unread = _unread[(end + 1)..];
                return line;
            }
            var left = until - DateTime.UtcNow;
            if (left <= TimeSpan.Zero || !_socket.Poll(left, SelectMode.SelectRead)) return null;
            var count = _socket.Receive(buffer);
            var text = Encoding.ASCII.GetString(buffer, 0, count);
            if (!_tcp) return text;
            if (count == 0) throw new SocketException((int)SocketError.Disconnecting);
            _unread += text;
        }
    }

    /// <summary>Sends something that needs no answer.</summary>
    public void Tell(string text) => _socket.Send(Encoding.ASCII.GetBytes(text + (_tcp ? "\n" : "")));

    public void Dispose() => _socket.Dispose();
}
