using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.Lab;

/// <summary>What a path between two stations carries: one TCP stream, for a second, and the time there and back of a small
/// packet.</summary>
internal static class StreamProbe
{
    private const int BufferSize = 256 * 1024;
    private const int Pings = 21;
    private static readonly TimeSpan s_length = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <returns>Bits a second that arrived.</returns>
    /// <exception cref="SocketException">There was no stream.</exception>
    public static double BitsPerSecond(NetworkNamespace from, NetworkNamespace to, IPAddress address, CancellationToken stop)
    {
        using var listener = to.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        listener.Bind(new IPEndPoint(address, 0));
        listener.Listen(1);
        using var sender = from.Run(static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        sender.SendTimeout = (int)s_patience.TotalMilliseconds;
        var sending = new Thread(() => Send(sender, listener.LocalEndPoint!, stop)) { IsBackground = true, Name = "stream" };
        sending.Start();
        if (!listener.Poll(s_patience, SelectMode.SelectRead))
        {
            sender.Dispose();
            sending.Join();
            throw new SocketException((int)SocketError.TimedOut);
        }
        using var receiver = listener.Accept();
        receiver.ReceiveTimeout = (int)s_patience.TotalMilliseconds;
        var buffer = new byte[BufferSize];
        var (bytes, clock) = (0L, Stopwatch.StartNew());
        while (receiver.Receive(buffer) is var read and > 0)
            bytes += read;
        var seconds = clock.Elapsed.TotalSeconds;
        sending.Join();
        return bytes * 8 / seconds;
    }

    /// <returns>The median; null: nobody answered.</returns>
    public static TimeSpan? RoundTrip(NetworkNamespace from, IPAddress address)
    {
        using var probe = new EchoProbe(from, isIpv6: false);
        var times = new List<TimeSpan>();
        for (ushort sequence = 0; sequence < Pings; sequence++)
        {
            var clock = Stopwatch.StartNew();
            probe.Ask(address, sequence);
            if (probe.Listen(TimeSpan.FromSeconds(1)) is { } answer && answer.Sequence == sequence)
                times.Add(clock.Elapsed);
        }
        times.Sort();
        return times.Count == 0 ? null : times[times.Count / 2];
    }

    private static void Send(Socket socket, EndPoint to, CancellationToken stop)
    {
        try
        {
            socket.Connect(to);
            var buffer = new byte[BufferSize];
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < s_length && !stop.IsCancellationRequested;)
                socket.Send(buffer);
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The receiver sees less, or nothing.
            socket.Dispose();
        }
    }
}
