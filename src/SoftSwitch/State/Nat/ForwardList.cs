using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The forwards as the API shows them: where each leads at the moment, and what it waits for. Made on the thread that asks, of what the control loop publishes whole.
/// </summary>
internal static class ForwardList
{
    public static IEnumerable<ForwardView> Of(SwitchSnapshot snapshot)
    {
        foreach (var outside in snapshot.Outsides)
        {
            foreach (var forwards in outside.Forwards.GroupBy(forward => forward.Network))
            {
                var neighbors = new List<Neighbor>();
                snapshot.Networks.First(network => network.Model.Name == forwards.Key).Gateway!.Neighbors.CopyTo(neighbors, snapshot.Now);
                var silent = neighbors.Where(neighbor => neighbor.State == NeighborState.Failed).Select(neighbor => neighbor.Address).ToHashSet();
                foreach (var forward in forwards)
                    yield return View(forward, outside, Reason(snapshot, outside, forward, silent));
            }
        }
    }

    private static ForwardView View(ForwardStatus status, OutsideSnapshot outside, string? reason)
    {
        var forward = status.Forward;
        return new(
            status.Network, status.From,
            new ForwardTarget(forward.Address?.ToString() ?? forward.Port!, forward.TargetPort == forward.First ? null : forward.TargetPort).ToString(),
            outside.Address is { } address ? $"{address}:{Ports(forward.First, forward)}" : null,
            status.Target is { } inside ? $"{inside}:{Ports(forward.TargetPort, forward)}" : null,
            reason is null ? "active" : "waiting", reason);
    }

    /// <summary>The first obstacle on the way from the outside to the guest; null: none is known.</summary>
    private static string? Reason(SwitchSnapshot snapshot, OutsideSnapshot outside, ForwardStatus forward, HashSet<Ipv4Address> silent)
    {
        if (outside.Address is null)
            return $"the network has no outside address{(outside.Obstacle is { } obstacle ? $": {obstacle}" : "")}";
        if (forward.Forward.Port is { } name && snapshot.Ports.FirstOrDefault(port => port.Model.Name == name) is { Status: not PortStatus.Up } port)
            return $"port {name} is {port.Status.ToString().ToLowerInvariant()}{(port.Reason is { } why ? $": {why}" : "")}";
        if (forward.Target is not { } target)
            return $"no address of port {forward.Forward.Port} is known yet: its guest must have one and answer ARP";
        return silent.Contains(target) ? $"{target} does not answer (ARP)" : null;
    }

    private static string Ports(int first, ForwardModel forward) =>
        forward.First == forward.Last ? $"{first}" : $"{first}-{first + forward.Last - forward.First}";
}
