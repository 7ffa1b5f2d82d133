using System.Text.Json;

namespace SoftSwitch.SystemTests.Peers;

/// <summary>iperf3 between two stations: a server that serves once, a client that reports JSON.</summary>
public static class Iperf
{
    /// <summary>
    /// Sends from <paramref name="client"/> to <paramref name="server"/> at <paramref name="address"/> (the address family
    /// decides between IPv4 and IPv6), the other way round with <paramref name="reverse"/>.
    /// </summary>
    /// <param name="seconds">How long it sends.</param>
    /// <param name="udpMegabits">Null for TCP; else UDP at that rate.</param>
    /// <param name="bytes">With it, so many bytes instead of <paramref name="seconds"/>.</param>
    /// <param name="more">Further words for the client, such as "-M 536" or "-P 2".</param>
    public static IperfResult Run(
        IStation client, IStation server, string address,
        bool reverse = false, int seconds = 2, int? udpMegabits = null, long? bytes = null, string more = "", TimeSpan? limit = null)
    {
        Need.Tool("iperf3");
        // One server at a time on a port: a left-over one would answer for the wrong test.
        var port = 5201 + Interlocked.Increment(ref _count) % 1000;
        server.Run($"iperf3 -s -1 -D -p {port}").Succeeded();
        var words = $"iperf3 -J -c {address} -p {port} --connect-timeout 3000"
            + (bytes is { } count ? $" -n {count}" : $" -t {seconds}")
            + (udpMegabits is { } rate ? $" -u -b {rate}M" : " -C cubic")
            + (reverse ? " -R" : "") + " " + more;
        var time = limit ?? TimeSpan.FromSeconds(seconds + 30);
        for (var attempt = 1; ; attempt++)
        {
            var result = client.Run(words, time);
            // The server says nothing when it listens; until then it refuses.
            if (result.Output.Contains("Connection refused") && attempt < 30)
            {
                Thread.Sleep(100);
                continue;
            }
            return Parse(result, udpMegabits is not null);
        }
    }

    /// <summary>
    /// A TCP stream of so many bytes that has to arrive. The receiver stops counting when the sender says on another connection that it is
    /// done: what is in the sockets' buffers then is in nobody's figure. So these are small, and no kernel makes them larger by itself.
    /// </summary>
    public static void Delivers(IStation client, IStation server, string address, bool reverse = false, long bytes = 20_000_000)
    {
        var result = Run(client, server, address, reverse, bytes: bytes, more: "-w 200K");
        Assert.True(result.SentBytes > bytes * 0.97 && result.ReceivedBytes > bytes - 1_000_000, $"{result}");
    }

    private static int _count = Random.Shared.Next(1000);

    private static IperfResult Parse(ShellResult result, bool udp)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(result.Output).RootElement;
        }
        catch (JsonException)
        {
            Assert.Fail(result.ToString());
            throw;
        }
        if (root.TryGetProperty("error", out var error)) Assert.Fail($"'{result.Command}': {error.GetString()}");
        var end = root.GetProperty("end");
        var sent = end.GetProperty(udp ? "sum" : "sum_sent");
        var received = end.GetProperty(udp ? "sum" : "sum_received");
        return new IperfResult(
            SentBytes: sent.GetProperty("bytes").GetInt64(),
            ReceivedBytes: received.GetProperty("bytes").GetInt64(),
            BitsPerSecond: received.GetProperty("bits_per_second").GetDouble(),
            Retransmits: !udp && sent.TryGetProperty("retransmits", out var again) ? again.GetInt32() : 0,
            Datagrams: udp ? received.GetProperty("packets").GetInt64() : 0,
            LostDatagrams: udp ? received.GetProperty("lost_packets").GetInt64() : 0);
    }
}
