using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.State;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Api.Views;

/// <summary>A way out of a nat network: by which interface, with which address, and why.</summary>
internal sealed record OutsideView(
    string Network, string? Interface, string? Address, string State, long Flows, string Why, long? Age = null)
{
    private const string Open = "open", Down = "down", Closed = "closed", Refused = "refused", None = "none";

    public static ApiObject<OutsideView> Members { get; } = new ApiObject<OutsideView>("Outside")
        .Text("network", "The nat network whose packets leave by it.", way => way.Network)
        .TextOrNull("interface", "The interface of the host that it leads by, or led by last; null: there is no way out.",
            way => way.Interface)
        .TextOrNull("address", "The address that the world sees; null: there is no way out.", way => way.Address)
        .Text("state", "open: packets can go by it; down: the interface there has no link; closed: its flows wait; "
            + "refused: the host's routing leads there, but it can't be taken, so what is to go there goes nowhere; "
            + "none: the network has no way out. See why.",
            way => way.State, [Open, Down, Closed, Refused, None])
        .Number("flows", "The network's flows by it at the moment.", way => way.Flows)
        .Text("why", "What leads there: named in the file, for forwards, or the rules and tables of the host's routing whose routes were "
            + "the answers for what guests asked for since the routes changed last. Of one that isn't open, why it isn't.", way => way.Why)
        .OptionalNumber("age", "Seconds since it was opened, closed, or refused.", way => way.Age);

    public string Key() => $"{Network}/{Interface}/{Address}";

    public static IEnumerable<OutsideView> All(SwitchSnapshot snapshot) =>
        from outside in snapshot.Outsides
        from network in outside.Networks
        from way in Of(network.Key, network.Value, outside, snapshot)
        select way;

    private static IEnumerable<OutsideView> Of(int policy, string network, OutsideSnapshot outside, SwitchSnapshot snapshot)
    {
        foreach (var way in outside.Ways)
        {
            var obstacle = way.IsOpen ? Obstacle(way.Interface, snapshot) : null;
            yield return new(
                network, way.Interface, way.Address.ToString(), !way.IsOpen ? Closed : obstacle is null ? Open : Down,
                way.Translator.FlowsOf(policy), obstacle ?? way.Why, SecondsSince(way.Since, snapshot));
        }
        // One that was open before has a row already.
        foreach (var way in outside.RefusedWays.Where(way => !outside.Ways.Any(known => known.Address == way.Address
            && known.Interface == way.Interface)))
            yield return new(network, way.Interface, way.Address.ToString(), Refused, 0, way.Why, SecondsSince(way.Since, snapshot));
        if (outside.Ways.Count == 0)
            yield return new(network, null, null, None, 0, outside.Obstacle ?? "it is not open yet");
    }

    /// <summary>Why nothing passes an interface of the host's; null: nothing is known to be in the way.</summary>
    private static string? Obstacle(string? name, SwitchSnapshot snapshot) => snapshot.Ports.FirstOrDefault(port =>
        port is { Netns: null, Status: PortStatus.Down or PortStatus.Failed } && port.Interface == name)?.Reason;

    private static long SecondsSince(Instant since, SwitchSnapshot snapshot) =>
        long.Max(snapshot.Now.Milliseconds - since.Milliseconds, 0) / 1000;
}
