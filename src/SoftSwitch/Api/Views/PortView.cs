using SoftSwitch.Api.Lists;
using SoftSwitch.State;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Api.Views;

/// <summary>One attachment to a network.</summary>
internal sealed record PortView(
    string Name, string Kind, string Network, string State, string? Mac, int Mtu, CountersView In, CountersView Out,
    string? Interface = null, string? Netns = null, string? Reason = null, string? Comment = null,
    string? Origin = null, DateTimeOffset? Expires = null)
{
    public static ApiObject<PortView> Members { get; } = new ApiObject<PortView>("Port")
        .Text("name", "Unique among ports.", port => port.Name)
        .Text("kind", "tap, guest, nic, veth and so on.", port => port.Kind)
        .Text("network", "The network it is on.", port => port.Network)
        .Text("state", "waiting: open on our side, nobody at the other end; failed: see reason; retried.",
            port => port.State, PortStatusWords.Words.All)
        .TextOrNull("mac", "The guest's address, where it was given or made; else that of the interface, where it has one.",
            port => port.Mac)
        .Number("mtu", "Bytes above the Ethernet header.", port => port.Mtu)
        .Object("in", "Into the switch.", CountersView.Members, port => port.In)
        .Object("out", "Out of the switch.", CountersView.Members, port => port.Out)
        .OptionalText("interface", "The network interface behind it, where there is one.", port => port.Interface)
        .OptionalText("netns", "The network namespace the interface is in, where it isn't the switch's own.", port => port.Netns)
        .OptionalText("reason", "Why it is failed or down; or what isn't as it should be there, though it is up.", port => port.Reason)
        .OptionalText("comment", "What the file says about it.", port => port.Comment)
        .OptionalText("origin", "Where it isn't as the file has it. run-time: it was made at run time; changed: keys of it were set then.",
            port => port.Origin)
        .OptionalTime("expires", "When it is as in the file again, where that was said.", port => port.Expires);

    public static IEnumerable<PortView> All(SwitchSnapshot snapshot) =>
        snapshot.Ports.Select(port => Of(port, snapshot.RunTime.OfPort(port.Model.Name)));

    /// <param name="port">The port.</param>
    /// <param name="origin">Null: it is as the file has it.</param>
    public static PortView Of(PortSnapshot port, RunTimeOrigin? origin)
    {
        var counters = port.Counters();
        return new(
            port.Model.Name, port.Model.Kind, port.Model.Network, port.Status.Word(),
            port.Mac?.ToString(), port.Model.Mtu,
            new(counters.InFrames, counters.InBytes, counters.InDropsTotal),
            new(counters.OutFrames, counters.OutBytes, counters.OutDropsTotal),
            port.Interface, port.Netns, port.Reason, port.Model.Comment, origin?.Origin, origin?.Expires);
    }
}
