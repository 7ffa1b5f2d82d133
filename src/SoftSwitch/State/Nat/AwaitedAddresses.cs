using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Logging;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>Addresses of the host that forwards are for (<c>on</c>): a forward is served while the host has its address. Used by the
/// control loop alone, but for <see cref="Absent"/>.</summary>
/// <param name="networks">Whose forwards they are.</param>
/// <param name="log">Told which the host has not, once, and when it has them.</param>
/// <param name="earlier">In whose place it comes: what that has told is told. Null: nothing was.</param>
internal sealed class AwaitedAddresses(IReadOnlyList<NatNetwork> networks, ISwitchLog log, AwaitedAddresses? earlier = null)
{
    private readonly (NatNetwork Network, ForwardedPorts Forward)[] _forwards =
    [
        .. networks.SelectMany(network => network.Nat.Forwards.Where(forward => forward.On is not null)
            .Select(forward => (network, forward.Outside))),
    ];

    private volatile HashSet<Ipv4Address> _absent =
        [.. earlier?._absent.Where(on => networks.Any(network => network.Nat.Forwards.Any(forward => forward.On == on))) ?? []];

    /// <summary>Those that the host has not. Replaced whole. For any thread.</summary>
    public IReadOnlySet<Ipv4Address> Absent => _absent;

    /// <summary>What a forward waits for.</summary>
    public static string Obstacle(Ipv4Address address) => $"the host does not have {address}";

    public void Follow(HostIpv4 host)
    {
        if (_forwards.Length == 0)
            return;
        HashSet<Ipv4Address> absent = [.. _forwards.Select(one => one.Forward.On!.Value).Where(address => !host.IsReached(address))];
        var before = _absent;
        if (absent.SetEquals(before))
            return;
        _absent = absent;
        foreach (var (network, forward) in _forwards)
        {
            var on = forward.On!.Value;
            if (absent.Contains(on) && !before.Contains(on))
                log.News(LogSubject.OfNetwork(network.Model.Name), LogLevel.Warning, $"forward {forward} waits: {Obstacle(on)}");
            else if (!absent.Contains(on) && before.Contains(on))
                log.News(LogSubject.OfNetwork(network.Model.Name), LogLevel.Info, $"forward {forward}: the host has {on} now");
        }
    }
}
