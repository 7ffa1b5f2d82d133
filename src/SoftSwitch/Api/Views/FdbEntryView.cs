using SoftSwitch.Api.Lists;
using SoftSwitch.State;

namespace SoftSwitch.Api.Views;

/// <summary>Where a station was heard.</summary>
internal sealed record FdbEntryView(string Network, string Mac, string Port, long Age, string Kind)
{
    public static ApiObject<FdbEntryView> Members { get; } = new ApiObject<FdbEntryView>("FdbEntry")
        .Text("network", "The network it is on.", entry => entry.Network)
        .Text("mac", "The station's address, in lower case with colons.", entry => entry.Mac)
        .Text("port", "The port behind which it is.", entry => entry.Port)
        .Number("age", "Seconds since it was last heard; 0 for a static one.", entry => entry.Age)
        .Text("kind", "static: set, not heard; it neither ages nor moves.", entry => entry.Kind, ["dynamic", "static"]);

    public static ListPage<FdbEntryView> Page(SwitchSnapshot snapshot, ListQuery query) => FdbPage.Of(
        snapshot, query, _ => true,
        (network, entry, port) =>
            new FdbEntryView(network.Model.Name, entry.Mac.ToString(), port, entry.AgeSeconds, entry.IsStatic ? "static" : "dynamic"));
}
