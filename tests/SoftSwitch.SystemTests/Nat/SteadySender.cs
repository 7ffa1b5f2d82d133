using System.Net;
using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A guest that sends datagrams all the time, each with what the test has let it say: what was said before goes out before
/// <see cref="Say"/> returns.</summary>
internal sealed class SteadySender : IDisposable
{
    /// <summary>So many at once keep a worker busy, and the pause lets it come after.</summary>
    private const int Burst = 16, Pause = 100_000;

    private readonly Lock _saying = new();
    private readonly Socket _socket;
    private readonly Thread _thread;
    private byte[] _words = [0];
    private volatile bool _stopping;

    public SteadySender(NetNs guest, string from, string to, int port)
    {
        _socket = RawDatagram.Socket(guest, from, 0);
        _socket.Connect(IPAddress.Parse(to), port);
        _thread = new(Send) { IsBackground = true };
        _thread.Start();
    }

    public void Say(byte word)
    {
        lock (_saying)
            _words = [word];
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        _socket.Dispose();
    }

    private void Send()
    {
        for (var sent = 1; !_stopping; sent++)
        {
            try
            {
                lock (_saying)
                    _socket.Send(_words);
            }
            catch (SocketException)
            {
                // It was told that this goes nowhere.
            }
            if (sent % Burst == 0)
                Thread.SpinWait(Pause);
        }
    }
}
