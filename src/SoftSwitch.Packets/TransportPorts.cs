namespace SoftSwitch.Packets;

/// <summary>TCP or UDP ports from the first to the last, both included.</summary>
/// <param name="Protocol"><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>.</param>
/// <param name="First">The lowest, from 0.</param>
/// <param name="Last">The highest, up to 65535.</param>
public readonly record struct TransportPorts(byte Protocol, int First, int Last)
{
    private const int WideCount = 64;

    public int Count => Last - First + 1;

    /// <summary>So many UDP ports that a socket for each would be too much.</summary>
    public bool IsWide => Protocol == IpProtocol.Udp && Count >= WideCount;

    public bool Contains(int port) => port >= First && port <= Last;

    /// <summary>One by one.</summary>
    public IEnumerable<TransportPort> Each()
    {
        for (var port = First; port <= Last; port++)
            yield return new(Protocol, port);
    }

    /// <summary>As the configuration has it: <c>tcp/2222</c>, <c>udp/5000-5010</c>.</summary>
    public override string ToString()
    {
        var protocol = Protocol switch { IpProtocol.Tcp => "tcp", IpProtocol.Udp => "udp", _ => Protocol.ToString() };
        return First == Last ? $"{protocol}/{First}" : $"{protocol}/{First}-{Last}";
    }

    /// <summary>The longest range from <paramref name="first"/> to <paramref name="last"/> that has no port of these, whichever their
    /// protocols, the lowest of equals; empty where there is none. Of no protocol itself.</summary>
    public static TransportPorts WidestGap(IEnumerable<TransportPorts> ranges, int first, int last)
    {
        var (widest, next) = (new TransportPorts(0, first, first - 1), first);
        foreach (var range in ranges.Append(new(0, last + 1, last + 1)).OrderBy(range => range.First))
        {
            var end = int.Min(range.First, last + 1);
            if (end - next > widest.Count)
                widest = new(0, next, end - 1);
            next = int.Max(next, range.Last + 1);
        }
        return widest;
    }

    /// <summary>
    /// The ranges of one protocol, lowest first; those that touch are joined. When more than <paramref name="limit"/> are left, those with
    /// the smallest gaps between them are joined too, so that the result covers more than was asked for, never less.
    /// </summary>
    public static IReadOnlyList<TransportPorts> Merge(IEnumerable<TransportPorts> ranges, byte protocol, int limit = int.MaxValue)
    {
        var merged = new List<TransportPorts>();
        foreach (var range in ranges.Where(r => r.Protocol == protocol && r.Count > 0).OrderBy(r => r.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
                merged[^1] = merged[^1] with { Last = int.Max(merged[^1].Last, range.Last) };
            else
                merged.Add(range);
        }
        if (merged.Count <= limit)
            return merged;
        var closed = Enumerable.Range(1, merged.Count - 1)
            .OrderBy(i => merged[i].First - merged[i - 1].Last).Take(merged.Count - limit).ToHashSet();
        var joined = new List<TransportPorts>();
        for (var i = 0; i < merged.Count; i++)
        {
            if (closed.Contains(i))
                joined[^1] = joined[^1] with { Last = merged[i].Last };
            else
                joined.Add(merged[i]);
        }
        return joined;
    }
}
