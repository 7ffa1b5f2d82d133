using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Endpoints.HostWay;

/// <summary>
/// Chooses the address by which the host knows us: a link-local one (RFC 3927), which never leaves the machine, and which nobody uses. The
/// search begins at the same place each time, so that the address is the same from start to start as long as it is free.
/// </summary>
internal static class LinkLocal
{
    /// <summary>Addresses that are tried, one after the other. Only another switch has one of them, or somebody who wants to be in the
    /// way.</summary>
    internal const int Candidates = 254;

    /// <summary>The first one that is tried. It is far from what clouds and clusters have made fixed points: 169.254.169.x, .170.x, .20.10,
    /// .25.10, and the ends that RFC 3927 reserves.</summary>
    private static readonly Ipv4Address s_first = new(0xA9FE_5301);

    /// <summary>All that are tried, so all that ways to the host have.</summary>
    internal static readonly Ipv4Subnet Ours = new(new(0xA9FE_5300), 24);

    private static readonly Ipv4Subnet s_all = new(new(0xA9FE_0000), 16);

    /// <summary>The addresses that no route of the host covers, but for one to the whole of 169.254.0.0/16.</summary>
    internal static IEnumerable<Ipv4Address> Free(HostIpv4 host)
    {
        var taken = host.Routed().Where(subnet => subnet.PrefixLength > s_all.PrefixLength && s_all.Overlaps(subnet)).ToArray();
        return Enumerable.Range(0, Candidates).Select(i => new Ipv4Address(s_first.Value + (uint)i))
            .Where(candidate => !host.IsOwn(candidate) && !taken.Any(subnet => subnet.Contains(candidate)));
    }
}
