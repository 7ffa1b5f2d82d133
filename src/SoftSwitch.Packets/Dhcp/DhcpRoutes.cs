namespace SoftSwitch.Packets.Dhcp;

/// <summary>The value of <see cref="DhcpOption.ClasslessRoutes"/> (RFC 3442): for each route the length of its prefix, the bytes of its
/// destination that the prefix reaches into, and its router:
/// <code>
///   10.20.0.0/16 by 10.10.0.2     16 | 10 20 | 10 10 0 2
///   0.0.0.0/0    by 10.10.0.1      0 |       | 10 10 0 1
/// </code></summary>
public static class DhcpRoutes
{
    /// <param name="routes">Where they lead, and the router of each, in the network.</param>
    public static byte[] Write(IEnumerable<(Ipv4Subnet To, Ipv4Address Router)> routes)
    {
        var bytes = new List<byte>();
        Span<byte> address = stackalloc byte[Ipv4Address.Size];
        foreach (var (to, router) in routes)
        {
            bytes.Add((byte)to.PrefixLength);
            to.Address.Write(address);
            bytes.AddRange(address[..SignificantBytes(to)]);
            router.Write(address);
            bytes.AddRange(address);
        }
        return [.. bytes];
    }

    /// <summary>Bytes that a route takes.</summary>
    public static int SizeOf(Ipv4Subnet to) => 1 + SignificantBytes(to) + Ipv4Address.Size;

    private static int SignificantBytes(Ipv4Subnet to) => (to.PrefixLength + 7) / 8;
}
