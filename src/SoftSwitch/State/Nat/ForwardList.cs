using SoftSwitch.Api.Views;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// The forwards as the API shows them: where each leads at the moment, and what it waits for. Made on the thread that asks, of what the control loop publishes whole.
/// </summary>
internal static class ForwardList
{
    public static IEnumerable<ForwardView> Of(RunningSwitch running, Instant now) =>
        (running.Nat?.Outsides ?? []).SelectMany(outside => outside.Networks.SelectMany(network => Of(running, outside, network, now)));

    private static IEnumerable<ForwardView> Of(RunningSwitch running, OutsideState outside, NatNetwork network, Instant now)
    {
        if (network.Nat.Forwards.Count == 0)
            return [];
        var targets = outside.Forwards(network.Policy).ToDictionary(target => (target.Protocol, target.FirstPort));
        var neighbors = new List<Neighbor>();
        network.Gateway.Neighbors.CopyTo(neighbors, now);
        var silent = neighbors.Where(neighbor => neighbor.State == NeighborState.Failed).Select(neighbor => neighbor.Address).ToHashSet();
        return network.Nat.Forwards.Select(forward =>
        {
            NaptForward? target = targets.TryGetValue((SharedPorts.Ports(forward).Protocol, (ushort)forward.First), out var found) ? found : null;
            var reason = Reason(running, outside, forward, target, silent);
            return new ForwardView(
                network.Model.Name,
                new PortRange(forward.Protocol.Word(), forward.First, forward.Last).ToString(),
                new ForwardTarget(forward.Address?.ToString() ?? forward.Port!, forward.TargetPort == forward.First ? null : forward.TargetPort).ToString(),
                outside.Address is { } address ? $"{address}:{Ports(forward.First, forward)}" : null,
                target is { } leads ? $"{leads.Inside}:{Ports(leads.InsidePort, forward)}" : null,
                reason is null ? "active" : "waiting", reason);
        });
    }

    /// <summary>The first obstacle on the way from the outside to the guest; null: none is known.</summary>
    private static string? Reason(RunningSwitch running, OutsideState outside, ForwardModel forward, NaptForward? target, HashSet<Ipv4Address> silent)
    {
        if (outside.Address is null)
            return $"the network has no outside address{(outside.Obstacle is { } obstacle ? $": {obstacle}" : "")}";
        if (forward.Port is { } name && running.Ports.FirstOrDefault(state => state.Model.Name == name) is { Status: not PortStatus.Up } port)
            return $"port {name} is {port.Status.ToString().ToLowerInvariant()}{(port.Reason is { } why ? $": {why}" : "")}";
        if (target is null)
            return $"no address of port {forward.Port} is known yet: its guest must have one and answer ARP";
        return silent.Contains(target.Value.Inside) ? $"{target.Value.Inside} does not answer (ARP)" : null;
    }

    private static string Ports(int first, ForwardModel forward) =>
        forward.First == forward.Last ? $"{first}" : $"{first}-{first + forward.Last - forward.First}";
}
