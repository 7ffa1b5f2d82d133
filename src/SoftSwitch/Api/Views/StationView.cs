using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.State;
using SoftSwitch.State.Networks;

namespace SoftSwitch.Api.Views;

/// <summary>A station that was heard, and what is known of it.</summary>
internal sealed record StationView(string Network, string Port, string Mac, IReadOnlyList<string> Addresses, long Age, string? Name)
{
    public static ApiObject<StationView> Members { get; } = new ApiObject<StationView>("Station")
        .Text("network", "The network it is on.", station => station.Network)
        .Text("port", "The port behind which it was heard.", station => station.Port)
        .Text("mac", "Its MAC address, in lower case with colons.", station => station.Mac)
        .Texts("addresses", "The IP addresses that it was heard with; none where no station of ours listens.", station => station.Addresses)
        .Number("age", "Seconds since it was last heard.", station => station.Age)
        .TextOrNull("name", "What the first of its addresses is called that is called something; null: none is.", station => station.Name);

    /// <summary>In the order of the FDB, without the stations of ours.</summary>
    public static ListPage<StationView> Page(SwitchSnapshot snapshot, ListQuery query)
    {
        var addresses =
            snapshot.Networks.SelectMany(network => Neighbors(network, snapshot).Select(neighbor => (network.Model.Name, neighbor)))
                .ToLookup(one => (one.Name, one.neighbor.Mac), one => one.neighbor.Address);
        return FdbPage.Of(snapshot, query, entry => !entry.IsStatic, (network, entry, port) =>
        {
            var own = addresses[(network.Model.Name, entry.Mac)].OrderBy(address => address.Value).ToList();
            return new StationView(network.Model.Name, port, entry.Mac.ToString(), [.. own.Select(address => address.ToString())],
                entry.AgeSeconds, own.Select(address => network.Names?.Of(address)).FirstOrDefault(name => name is not null));
        });
    }

    private static List<Neighbor> Neighbors(NetworkSnapshot network, SwitchSnapshot snapshot)
    {
        var neighbors = new List<Neighbor>();
        network.Station?.Ipv4Neighbors.Table.CopyTo(neighbors, snapshot.Now);
        return neighbors;
    }
}
