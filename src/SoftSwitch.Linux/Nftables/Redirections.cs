using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Packets;

namespace SoftSwitch.Linux.Nftables;

/// <summary>
/// Which ports of the host others' rules have sent elsewhere (dnat, redirect, tproxy; DNAT, REDIRECT, TPROXY and NETMAP of iptables-nft):
/// what containers publish, above all. To ask whether anything has changed is one short call. Rules of the old iptables (iptables-legacy)
/// are not in nf_tables, and not seen. One thread at a time; it needs CAP_NET_ADMIN.
/// </summary>
/// <param name="inside">The namespace; null: the calling thread's.</param>
public sealed class Redirections(NetworkNamespace? inside = null) : IDisposable
{
    private readonly NftListing _listing = new(inside);
    private uint? _generation;

    /// <summary>Looks anew, if anything has changed.</summary>
    /// <param name="address">The address that packets are sent to.</param>
    /// <param name="interfaceName">The interface that they come in by.</param>
    /// <param name="index">Its number.</param>
    /// <param name="ports">The ports that matter.</param>
    /// <returns>Those of them that go elsewhere; null: nothing has changed since the last call.</returns>
    /// <exception cref="SystemCallException">The kernel can't tell.</exception>
    public IReadOnlyList<RedirectedPorts>? Poll(
        Ipv4Address address, string interfaceName, int index, IReadOnlyCollection<TransportPorts> ports)
    {
        var generation = _listing.Generation();
        if (generation == _generation)
            return null;
        _listing.Read();
        var walk = new RuleWalk(_listing, address, interfaceName, index);
        foreach (var start in _listing.Starts)
            walk.Follow(start, [.. ports]);
        // What was read may be of another generation already: then there is another call.
        _generation = generation;
        return walk.Found;
    }

    public void Dispose() => _listing.Dispose();
}
