namespace SoftSwitch.SystemTests.Peers;

/// <summary>traceroute, with its answers in order: an address a hop, "*" for a hop that didn't answer.</summary>
internal static class Traceroute
{
    /// <param name="more">"-I" for ICMP echo requests instead of UDP.</param>
    public static IReadOnlyList<string> Hops(IStation from, string address, string more = "")
    {
        Need.Tool("traceroute");
        var output = from.Run($"traceroute -n -q 1 -w 2 -m 8 {more} {address}").Succeeded().Output;
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])];
    }
}
