using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.State;

namespace SoftSwitch.Api.Views;

/// <summary>An address that a network has given, offered or kept for a guest.</summary>
internal sealed record LeaseView(
    string Network, string Mac, string Address, string Client, string Port, string? Name, string State, DateTimeOffset Expires)
{
    private const string Offered = "offered", Bound = "bound", Kept = "kept", Conflicting = "conflicting";

    public static ApiObject<LeaseView> Members { get; } = new ApiObject<LeaseView>("Lease")
        .Text("network", "The network that gives it.", lease => lease.Network)
        .Text("mac", "The client's MAC address.", lease => lease.Mac)
        .Text("address", "The address.", lease => lease.Address, format: "ipv4")
        .Text("client", "The client's identifier, in hexadecimal: what it says, or 01 and its MAC address.", lease => lease.Client)
        .Text("port", "The port that the client is behind: behind another it is another client.", lease => lease.Port)
        .TextOrNull("name", "What the address is called, by the file or by its guest, without the network's domain; null: nothing.",
            lease => lease.Name)
        .Text("state", "offered: not taken yet; bound: the client's; kept: nobody's any more, kept for the client until somebody needs it; "
            + "conflicting: somebody else has it, so it is given to nobody for ten minutes.", lease => lease.State,
            [Offered, Bound, Kept, Conflicting])
        .Time("expires", "When that ends; of what is kept, when it ended.", lease => lease.Expires);

    /// <summary>Its network, and its address as a number.</summary>
    public string Key() => $"{Network}/{Ipv4Address.Parse(Address).Value:x8}";

    /// <summary>Each address once in a network.</summary>
    public static IEnumerable<LeaseView> All(SwitchSnapshot snapshot)
    {
        var now = DateTimeOffset.UtcNow;
        foreach (var network in snapshot.Networks.Where(network => network.Leases is not null))
        {
            var leases = new List<LeaseRecord>();
            network.Leases!.CopyTo(leases);
            foreach (var lease in leases)
            {
                var expires = now.AddMilliseconds(lease.Until.Milliseconds - snapshot.Now.Milliseconds);
                yield return new(network.Model.Name, lease.Mac.ToString(), lease.Address.ToString(), lease.Client.ToString(), lease.Port,
                    network.Names?.Of(lease.Address), Word(lease.State), expires.AddTicks(-(expires.Ticks % TimeSpan.TicksPerSecond)));
            }
        }
    }

    private static string Word(LeaseState state) => state switch
    {
        LeaseState.Offered => Offered,
        LeaseState.Bound => Bound,
        LeaseState.Kept => Kept,
        LeaseState.Conflicting => Conflicting,
        _ => throw new InvalidOperationException($"{state} has no word"),
    };
}
