using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>What a translator and the station before it are told of the forwards.</summary>
internal sealed partial class ForwardTargets
{
    /// <summary>Where the forwards of one of the networks lead; those that lead nowhere yet are left out. For any thread.</summary>
    /// <param name="policy">The network's number.</param>
    /// <param name="at">Those that are for this address of the host; null: those that the host itself reaches.</param>
    public IReadOnlyList<NaptForward> Of(int policy, Ipv4Address? at = null)
    {
        var leading = new List<NaptForward>();
        foreach (var status in _status.AsSpan(_networks.First(one => one.Network.Policy == policy).Places))
        {
            if (status is not { Target: { } target, Forward: var forward } || !IsAt(forward.Outside, at))
                continue;
            foreach (var part in SharedPorts.Without(forward.Outside, Hosts))
                leading.Add(new(part, target, (ushort)(forward.TargetPort + part.First - forward.From.First)));
        }
        return leading;
    }

    private WaitingForwards Waiting(Ipv4Address? at) => WaitingForwards.Of(
        from status in _status
        where status.Target is null && IsAt(status.Forward.Outside, at)
        from part in SharedPorts.Without(status.Forward.Outside, Hosts)
        select (part, default(Ipv4Address?), status.IsInVain));

    private bool IsAt(ForwardedPorts forward, Ipv4Address? at) => at is { } address ? forward.IsAt(address) : _hosts.Contains(forward);
}
