using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Packets;
using SoftSwitch.State;

namespace SoftSwitch.Api.Views;

/// <summary>An IPv4 address that a gateway has asked for or heard of.</summary>
internal sealed record NeighborView(string Network, string Address, string? Mac, string? Port, string State, long Age, string? Name)
{
    public static ApiObject<NeighborView> Members { get; } = new ApiObject<NeighborView>("Neighbor")
        .Text("network", "The network it is on.", neighbor => neighbor.Network)
        .Text("address", "Its IPv4 address.", neighbor => neighbor.Address, format: "ipv4")
        .TextOrNull("mac", "Its MAC address; null while nobody has answered.", neighbor => neighbor.Mac)
        .TextOrNull("port", "The port behind which that station was heard; null where it wasn't.", neighbor => neighbor.Port)
        .Text("state", "What is known of it.", neighbor => neighbor.State, ["reachable", "stale", "incomplete", "failed"])
        .Number("age", "Seconds since it was confirmed, or first asked for.", neighbor => neighbor.Age)
        .TextOrNull("name", "What it is called; null: nothing.", neighbor => neighbor.Name);

    /// <summary>Its network, and its address as a number.</summary>
    public string Key() => $"{Network}/{Ipv4Address.Parse(Address).Value:x8}";

    /// <summary>Each address once in a network.</summary>
    public static IEnumerable<NeighborView> All(SwitchSnapshot snapshot)
    {
        var names = snapshot.Names();
        foreach (var network in snapshot.Networks.Where(network => network.Station is not null))
        {
            var neighbors = new List<Neighbor>();
            network.Station!.Ipv4Neighbors.Table.CopyTo(neighbors, snapshot.Now);
            foreach (var neighbor in neighbors)
            {
                var slot = neighbor.Mac is { } mac ? network.Bridge.Fdb.Lookup(mac.Value, snapshot.Now) : (ushort)0;
                yield return new(
                    network.Model.Name, neighbor.Address.ToString(), neighbor.Mac?.ToString(),
                    slot == 0 ? null : names[(network.Bridge, slot)].FirstOrDefault(),
                    neighbor.State.ToString().ToLowerInvariant(), neighbor.AgeSeconds, network.Names?.Of(neighbor.Address));
            }
        }
    }
}
