using SoftSwitch.Api.Lists;
using SoftSwitch.Config.Rows;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Api.Views;

/// <summary>Ports of an outside address that lead to a guest: where they lead at the moment, and what they wait for.</summary>
internal sealed record ForwardView(
    string Network, string From, string To, string? Outside, string? Inside, string State, string? Reason = null,
    string? Origin = null, DateTimeOffset? Expires = null)
{
    public static ApiObject<ForwardView> Members { get; } = new ApiObject<ForwardView>("Forward")
        .Text("network", "The nat network that it leads into.", forward => forward.Network)
        .Text("from", "The protocol and ports outside, such as tcp/2222 or udp/5000-5010.", forward => forward.From)
        .Text("to", "Where it leads in the words of the file, such as web:22.", forward => forward.To)
        .TextOrNull("outside",
            "The address and ports that it is answered on, such as 192.0.2.7:2222; null while the network has no outside address.",
            forward => forward.Outside)
        .TextOrNull("inside", "The guest's address and ports that it leads to now, such as 10.10.0.10:22; null while no address is known.",
            forward => forward.Inside)
        .Text("state", "active: what comes is passed on; waiting: see the reason.", forward => forward.State, ["active", "waiting"])
        .OptionalText("reason", "Why it waits.", forward => forward.Reason)
        .OptionalText("origin", "run-time, where it was made at run time; else it is the file's.", forward => forward.Origin)
        .OptionalTime("expires", "When it goes, where that was said.", forward => forward.Expires);

    /// <summary>Its network, its protocol, the number of its first port, and its address: two may have one port.</summary>
    public string Key()
    {
        var (slash, hyphen) = (From.IndexOf('/'), From.IndexOf('-'));
        return $"{Network}/{From[..slash]}/{From[(slash + 1)..(hyphen < 0 ? From.Length : hyphen)].PadLeft(5, '0')}/{Outside}";
    }

    /// <summary>The forwards of the file, each with where it leads now.</summary>
    public static IEnumerable<ForwardView> All(SwitchSnapshot snapshot)
    {
        foreach (var outside in snapshot.Outsides)
        {
            foreach (var forwards in outside.Forwards.GroupBy(forward => forward.Network))
            {
                var neighbors = new List<Neighbor>();
                snapshot.Networks.First(network => network.Model.Name == forwards.Key).Gateway!.Ipv4Neighbors.Table.CopyTo(neighbors,
                    snapshot.Now);
                var silent = neighbors.Where(one => one.State == NeighborState.Failed).Select(one => one.Address).ToHashSet();
                foreach (var forward in forwards)
                    yield return Of(forward, outside, ReasonOf(forward, outside, snapshot, silent), snapshot.RunTime);
            }
        }
    }

    private static ForwardView Of(ForwardStatus status, OutsideSnapshot outside, string? reason, RunTimeOrigins origins)
    {
        var forward = status.Forward;
        var origin = origins.OfForward($"{status.Network} {forward.From}{(forward.On is { } on ? $" {on}" : "")}");
        return new(
            status.Network, status.From,
            new ForwardTarget(
                forward.Address?.ToString() ?? forward.Port!,
                forward.TargetPort == forward.From.First ? null : forward.TargetPort).ToString(),
            (forward.On ?? outside.Address) is { } address ? $"{address}:{Ports(forward.From.First, forward.From)}" : null,
            status.Target is { } inside ? $"{inside}:{Ports(forward.TargetPort, forward.From)}" : null,
            reason is null ? "active" : "waiting", reason, origin?.Origin, origin?.Expires);
    }

    /// <summary>The first obstacle on the way from the outside to the guest; null: none is known.</summary>
    private static string? ReasonOf(ForwardStatus forward, OutsideSnapshot outside, SwitchSnapshot snapshot, HashSet<Ipv4Address> silent)
    {
        if (outside.Address is null)
            return $"the network has no outside address{(outside.Obstacle is { } obstacle ? $": {obstacle}" : "")}";
        if (outside.ObstacleOf(forward.Forward) is { } taken)
            return taken;
        if (forward.Forward.Port is { } name
            && snapshot.Ports.FirstOrDefault(port => port.Model.Name == name) is { Status: not PortStatus.Up } port)
            return $"port {name} is {port.Status.Word()}{(port.Reason is { } why ? $": {why}" : "")}";
        if (forward.Target is not { } target)
            return $"no address of port {forward.Forward.Port} is known yet: its guest must have one and answer ARP";
        return silent.Contains(target) ? $"{target} does not answer (ARP)" : null;
    }

    private static string Ports(int first, TransportPorts from) => from.Count == 1 ? $"{first}" : $"{first}-{first + from.Count - 1}";
}
