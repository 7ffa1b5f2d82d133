using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// Chooses the address by which the host knows us on the way to the host: a link-local one (RFC 3927), which never leaves the machine, and which
/// nobody uses. The search begins at the same place each time, so that the address is the same from start to start as long as it is free.
/// </summary>
internal static class LinkLocal
{
    /// <summary>Tried one after the other; one is taken only by another switch, or on purpose.</summary>
    internal const int Candidates = 254;

    /// <summary>Far from what clouds and clusters have made fixed points: 169.254.169.x, .170.x, .20.10, .25.10, and the ends that RFC 3927
    /// reserves.</summary>
    private static readonly Ipv4Address s_first = new(0xA9FE_5301);

    private static readonly Ipv4Subnet s_all = new(new(0xA9FE_0000), 16);

    /// <summary>Those that no route of the host but the whole of 169.254.0.0/16 covers.</summary>
    internal static IEnumerable<Ipv4Address> Free(HostNetwork host)
    {
        var taken = host.Routed().Where(subnet => subnet.PrefixLength > s_all.PrefixLength && s_all.Overlaps(subnet)).ToArray();
        return Enumerable.Range(0, Candidates).Select(i => new Ipv4Address(s_first.Value + (uint)i))
            .Where(candidate => !host.IsOwn(candidate) && !taken.Any(subnet => subnet.Contains(candidate)));
    }
}
