using SoftSwitch.Api.Views;

namespace SoftSwitch.Api.Events;

/// <summary>What events are about, a row each.</summary>
internal static class EventTopics
{
    public const string Station = "station", Drop = "drop", Config = "config";

    /// <summary>All of them, in the order in which they are looked at.</summary>
    private static readonly (string Name, Func<IEventTopic> New)[] s_rows =
    [
        (Config, () => new ConfigTopic()),
        ("network", () => new EventTopic<NetworkView>("network", NetworkView.All, network => network.Name,
            network => (network.Mode, network.Mtu, network.Ageing, network.Subnet, network.Gateway, network.Interface,
                (network.Nat?.Interface, network.Nat?.Address, network.Reason, network.Comment)),
            network => $"network {network.Name}",
            network => $"{network.Mode}{(network.Subnet is null ? "" : $", {network.Subnet}")}{Because(network.Reason)}",
            (told, network) => told with { Network = network })),
        ("port", () => new EventTopic<PortView>("port", PortView.All, port => port.Name,
            port => port with { In = CountersView.None, Out = CountersView.None },
            port => $"port {port.Name}",
            port => $"{port.State}{Because(port.Reason)}",
            (told, port) => told with { Port = port })),
        (Station, () => new StationTopic()),
        ("lease", () => new EventTopic<LeaseView>("lease", LeaseView.All, lease => lease.Key(),
            lease => lease with { Expires = default },
            lease => $"lease of {lease.Address} in network {lease.Network}",
            lease => $"{lease.State}, {(lease.Name is null ? "" : lease.Name + ", ")}{lease.Mac} behind {lease.Port}",
            (told, lease) => told with { Lease = lease })),
        ("forward", () => new EventTopic<ForwardView>("forward", ForwardView.All, forward => forward.Key(),
            forward => forward,
            forward => $"forward {forward.From} to {forward.To} of network {forward.Network}",
            forward => $"{forward.State}{Because(forward.Reason)}",
            (told, forward) => told with { Forward = forward })),
        ("outside", () => new EventTopic<OutsideView>("outside", OutsideView.All, way => way.Key(),
            way => way with { Flows = 0, Age = null },
            way => $"way out of network {way.Network}",
            way => $"{way.State}{(way.Interface is null ? "" : $", {way.Interface} as {way.Address}")}{Because(way.Why)}",
            (told, way) => told with { Outside = way })),
        (Drop, () => new DropTopic()),
    ];

    public static IReadOnlyList<string> Words { get; } = [.. s_rows.Select(row => row.Name)];

    /// <summary>All of them, which have looked at nothing yet.</summary>
    public static IReadOnlyList<IEventTopic> All() => [.. s_rows.Select(row => row.New())];

    private static string Because(string? reason) => reason is null ? "" : $": {reason}";
}
