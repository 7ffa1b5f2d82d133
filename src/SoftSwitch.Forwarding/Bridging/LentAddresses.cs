using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The addresses that are lent to guests behind one port, as they come and go. Any worker reads; who lends changes them, one at a
/// time.</summary>
public sealed class LentAddresses
{
    private volatile Ipv4Address[] _all = [];

    /// <summary>Those that are lent now.</summary>
    public ReadOnlySpan<Ipv4Address> All => _all;

    internal void Set(Ipv4Address[] all) => _all = all;

    internal void Add(Ipv4Address address) => _all = [.. _all, address];

    internal void Remove(Ipv4Address address) => _all = [.. _all.Where(one => one != address)];
}
