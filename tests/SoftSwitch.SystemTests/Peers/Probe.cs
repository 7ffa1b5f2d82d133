using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Namespaces;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>One question from a namespace, by TCP, UDP or ping, which takes no thread while it waits: so hundreds are asked side by side.
/// Who is asked by TCP or UDP is a <see cref="WhoServer"/>.</summary>
internal static class Probe
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(400);

    public static readonly string[] Protocols = ["tcp", "udp", "ping"];

    /// <summary>True when it was answered in time.</summary>
    public static async Task<bool> Reaches(NetworkNamespace from, string protocol, IPEndPoint to, TimeSpan wait)
    {
        using var socket = from.Run(() => protocol switch
        {
            "tcp" => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp),
            "udp" => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp),
            _ => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp),
        });
        using var limit = new CancellationTokenSource(wait);
        try
        {
            await socket.ConnectAsync(to, limit.Token);
            return protocol == "ping" ? await Echoes(socket, limit.Token) : await Answers(socket, protocol == "udp", limit.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<bool> Answers(Socket socket, bool isDatagram, CancellationToken limit)
    {
        var answer = new byte[256];
        var receiving = socket.ReceiveAsync(answer, limit).AsTask();
        do
            await socket.SendAsync("question\n"u8.ToArray(), limit);
        while (isDatagram && await Task.WhenAny(receiving, Task.Delay(s_again, limit)) != receiving);
        return await receiving > 0;
    }

    private static async Task<bool> Echoes(Socket socket, CancellationToken limit)
    {
        const int echo = 8, reply = 0, ipHeader = 20, header = 8;
        var request = new byte[header + 8];
        Random.Shared.NextBytes(request.AsSpan(4));
        (request[0], request[1], request[2], request[3]) = (echo, 0, 0, 0);
        Checksum.Write(request, request.AsSpan(2), 0);
        var answer = new byte[256];
        var receiving = socket.ReceiveAsync(answer, limit).AsTask();
        while (true)
        {
            await socket.SendAsync(request, limit);
            while (await Task.WhenAny(receiving, Task.Delay(s_again, limit)) == receiving)
            {
                // The socket hears all of ICMP that comes from there, its own question as well where the host asks itself.
                if (await receiving >= ipHeader + request.Length && answer[ipHeader] == reply
                    && answer.AsSpan(ipHeader + 4, request.Length - 4).SequenceEqual(request.AsSpan(4)))
                    return true;
                receiving = socket.ReceiveAsync(answer, limit).AsTask();
            }
        }
    }
}
