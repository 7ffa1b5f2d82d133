using SoftSwitch.Api.Lists;
using SoftSwitch.Packets;
using SoftSwitch.State;

namespace SoftSwitch.Api.Views;

/// <summary>A name of a network's own, and whose it is.</summary>
internal sealed record NameView(string Network, string Name, string Full, string Address, string Source)
{
    /// <summary>Who has given a name: the file, or a guest, which calls itself what it likes.</summary>
    public const string File = "file", Guest = "guest";

    public static ApiObject<NameView> Members { get; } = new ApiObject<NameView>("Name")
        .Text("network", "The network that has it.", name => name.Network)
        .Text("name", "The name, without the network's domain.", name => name.Name)
        .Text("full", "The name with the domain.", name => name.Full)
        .Text("address", "Its address now.", name => name.Address, format: "ipv4")
        .Text("source", "file: of a port, a reservation, the gateway, or of dns: hosts; guest: it calls itself so by DHCP.",
            name => name.Source, [File, Guest]);

    /// <summary>Its network, its address as a number, and itself.</summary>
    public string Key() => $"{Network}/{Ipv4Address.Parse(Address).Value:x8}/{Full}";

    /// <summary>Each with each of its addresses once.</summary>
    public static IEnumerable<NameView> All(SwitchSnapshot snapshot) => (
        from network in snapshot.Networks
        where network is { Names: not null, Model.Dns: not null }
        from name in network.Names!.All()
        select new NameView(network.Model.Name, name.Name, name.Full, name.Address.ToString(), name.IsOfGuest ? Guest : File))
        .DistinctBy(name => name.Key());
}
