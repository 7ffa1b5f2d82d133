using System.Collections.Concurrent;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>The addresses that are lent to guests behind one port, as they come and go: 64 by default, and as many as the file lets a port
/// have. Any worker reads, for each packet, without a lock; who lends changes them, one at a time.</summary>
public sealed class LentAddresses
{
    private volatile ConcurrentDictionary<Ipv4Address, byte> _all = [];

    /// <summary>Those that are lent now, in no order.</summary>
    public IEnumerable<Ipv4Address> All => _all.Keys;

    /// <summary>It is lent there now. To find it takes no longer among many.</summary>
    internal bool Contains(Ipv4Address address) => _all.ContainsKey(address);

    internal void Set(IEnumerable<Ipv4Address> all) => _all = new(all.Select(address => KeyValuePair.Create(address, default(byte))));

    internal void Add(Ipv4Address address) => _all[address] = default;

    internal void Remove(Ipv4Address address) => _all.TryRemove(address, out _);
}
