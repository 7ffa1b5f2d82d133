using System.Collections.Concurrent;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Packets;

namespace SoftSwitch.Forwarding.Bridging;

/// <summary>
/// Which guarded port has which IPv6 address: that by which somebody has spoken as the first. It stays so while that one is silent, and
/// while its port is down: a guest that starts anew has the same address again (RFC 7217), and whoever had taken it meanwhile would be
/// that guest for the others. Who has more than its share (<see cref="Limits.LinkAddresses"/>) gives up the oldest of its own.
/// <para>Any worker asks, without a lock; what is new takes one.</para>
/// </summary>
internal sealed class LinkAddresses
{
    private readonly ConcurrentDictionary<Ipv6Address, string> _holders = [];
    private readonly Dictionary<string, Queue<Ipv6Address>> _ports = [];
    private readonly Lock _taking = new();

    /// <summary>The port that has an address; null: none has.</summary>
    public string? HolderOf(Ipv6Address address) => _holders.GetValueOrDefault(address);

    /// <summary>Takes an address for a port, if no other has been quicker.</summary>
    /// <returns>It is the port's.</returns>
    public bool TryTake(Ipv6Address address, string port)
    {
        lock (_taking)
        {
            if (!_holders.TryAdd(address, port))
                return _holders[address] == port;
            if (!_ports.TryGetValue(port, out var own))
                _ports.Add(port, own = []);
            if (own.Count == Limits.LinkAddresses.Most)
                _holders.TryRemove(own.Dequeue(), out _);
            own.Enqueue(address);
            return true;
        }
    }

    /// <summary>Forgets what ports have that are guarded no more.</summary>
    public void Keep(IReadOnlyCollection<string> ports)
    {
        lock (_taking)
        {
            foreach (var gone in _ports.Keys.Except(ports).ToArray())
            {
                foreach (var address in _ports[gone])
                    _holders.TryRemove(address, out _);
                _ports.Remove(gone);
            }
        }
    }
}
