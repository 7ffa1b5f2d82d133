using System.Net;
using System.Net.Sockets;
using System.Text;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.HostStack;

/// <summary>A UDP socket in a namespace that notes what it is told.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket;

    public Listener(NetNs ns, string address, int port)
    {
        Need.RealRoot("sockets of the test in another namespace");
        using var space = NetworkNamespace.Open(ns.Path);
        _socket = space.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        _socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
    }

    /// <summary>Says something to somebody.</summary>
    public void Tell(string address, int port, string text) =>
        _socket.SendTo(Encoding.ASCII.GetBytes(text), new IPEndPoint(IPAddress.Parse(address), port));

    /// <summary>Takes what was heard, in its order; waits until a text was, or for a moment.</summary>
    /// <param name="last">The text that must come; null: none must.</param>
    public string Heard(string? last = null)
    {
        var heard = new List<string>();
        var buffer = new byte[2048];
        for (var until = DateTime.UtcNow.AddSeconds(10); DateTime.UtcNow < until && (last is null || !heard.Contains(last));)
        {
            if (_socket.Poll(TimeSpan.FromMilliseconds(300), SelectMode.SelectRead))
                heard.Add(Encoding.ASCII.GetString(buffer, 0, _socket.Receive(buffer)));
            else if (last is null)
                break;
        }
        return string.Join(' ', heard);
    }

    public void Dispose() => _socket.Dispose();
}
