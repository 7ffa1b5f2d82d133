using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>What a translator and the station before it are told of the forwards.</summary>
internal sealed partial class ForwardTargets
{
    /// <summary>Others wait than the stations know of.</summary>
    private bool _isWaitingOther;

    /// <summary>Where the forwards of one of the networks lead; those that lead nowhere yet are left out. For any thread.</summary>
    /// <param name="policy">The network's number.</param>
    /// <param name="isToHost">Those that the host itself reaches: its packets come to one address, whichever of its own it has
    /// asked.</param>
    public IReadOnlyList<NaptForward> Of(int policy, bool isToHost = false)
    {
        var leading = new List<NaptForward>();
        foreach (var status in _status.AsSpan(_networks.First(one => one.Network.Policy == policy).Places))
        {
            if (status is not { Target: { } target, Forward: var forward } || !IsLed(forward, isToHost))
                continue;
            foreach (var part in SharedPorts.Without(forward.Outside, TakenByPrograms))
                leading.Add(new(part, target, (ushort)(forward.TargetPort + part.First - forward.From.First),
                    isToHost ? null : forward.On));
        }
        return leading;
    }

    /// <summary>Ends what leads by forwards that are gone, or lead elsewhere, in those that come in place of these; before any of those is
    /// told, for a port may be another network's there.</summary>
    /// <param name="isToHost">As of <see cref="Of"/>.</param>
    /// <param name="ended">Gets the flows that have ended and whose ends would notice.</param>
    public void EndGone(ForwardTargets after, Napt translator, bool isToHost, Instant now, ICollection<OpenFlow> ended)
    {
        foreach (var policy in _networks.Select(network => network.Network.Policy).Where(after.Has))
        {
            var (before, stays) = (Of(policy, isToHost), after.Of(policy, isToHost).ToHashSet());
            if (before.Any(forward => !stays.Contains(forward)))
                translator.SetForwards(policy, [.. before.Where(stays.Contains)], now, ended);
        }
    }

    /// <summary>What leads elsewhere than by those in whose place these come is to be told, and no more: telling all takes long where there
    /// are many networks.</summary>
    public void RenewAfter(ForwardTargets earlier)
    {
        _isWaitingOther = earlier._isWaitingOther || !_status.SequenceEqual(earlier._status);
        foreach (var network in _networks)
        {
            var policy = network.Network.Policy;
            network.IsToBeApplied = !Array.Exists(earlier._networks, one => one.Network.Policy == policy && !one.IsToBeApplied)
                || !Of(policy).SequenceEqual(earlier.Of(policy))
                || !Of(policy, isToHost: true).SequenceEqual(earlier.Of(policy, isToHost: true));
        }
    }

    private bool Has(int policy) => Array.Exists(_networks, network => network.Network.Policy == policy);

    private WaitingForwards Waiting(bool isToHost) => WaitingForwards.Of(
        from status in _status
        where status.Target is null && IsLed(status.Forward, isToHost)
        from part in SharedPorts.Without(status.Forward.Outside, TakenByPrograms)
        select (part, isToHost ? null : status.Forward.On, status.IsInVain));

    private bool IsLed(ForwardModel forward, bool isToHost) => !isToHost || _reachedByHost.Contains(forward.Outside);
}
