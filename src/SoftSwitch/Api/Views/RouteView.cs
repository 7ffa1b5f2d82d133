using SoftSwitch.Api.Lists;

namespace SoftSwitch.Api.Views;

/// <summary>What the switch would do with a packet of a port to a destination.</summary>
internal sealed record RouteView(
    string Port, string Network, string Destination, string Verdict, string Text, string? Interface = null, string? Address = null,
    string? Next = null, string? Why = null)
{
    public static ApiObject<RouteView> Members { get; } = new ApiObject<RouteView>("Route")
        .Text("port", "The port that the packet comes by.", route => route.Port)
        .Text("network", "Its nat network.", route => route.Network)
        .Text("destination", "Where it is to go.", route => route.Destination)
        .Text("verdict", "out: it leaves by a way out; host: to the host itself; shared: by a forward to its guest, else to the host; "
            + "outside: to the network's own outside address; gateway: the gateway answers; guest: to an address in its own network; "
            + "network: nowhere, for it is in another network of the switch; unreachable, prohibited, blackhole, no-route: nowhere, as "
            + "the host's routing says, or since nobody answers ARP; not-routed: nowhere, for it is a group, a broadcast or link-local.",
            route => route.Verdict,
            ["out", "host", "shared", "outside", "gateway", "guest", "network", "unreachable", "prohibited", "blackhole", "no-route",
                "not-routed"])
        .Text("text", "The same in a line for people.", route => route.Text)
        .OptionalText("interface", "The interface that it would leave by.", route => route.Interface)
        .OptionalText("address", "The address that it would bear.", route => route.Address)
        .OptionalText("next", "Who it would be handed to on that link; the destination itself where no router is between.",
            route => route.Next)
        .OptionalText("why", "What leads there: named in the file, or the rule and table of the host, as far as they are known.",
            route => route.Why);
}
