using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>What a translator and the station before it are told of the forwards.</summary>
internal sealed partial class ForwardTargets
{
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

    private WaitingForwards Waiting(bool isToHost) => WaitingForwards.Of(
        from status in _status
        where status.Target is null && IsLed(status.Forward, isToHost)
        from part in SharedPorts.Without(status.Forward.Outside, TakenByPrograms)
        select (part, isToHost ? null : status.Forward.On, status.IsInVain));

    private bool IsLed(ForwardModel forward, bool isToHost) => !isToHost || _reachedByHost.Contains(forward.Outside);
}
