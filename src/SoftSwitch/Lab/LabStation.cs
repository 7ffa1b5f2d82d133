using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>Somebody who is played: a guest at a port, or what a file expects of the world.</summary>
/// <param name="Number">Its place among all stations, from 0.</param>
/// <param name="Name">A port's name, or in capitals, which no port has.</param>
/// <param name="Role">What it plays.</param>
/// <param name="Port">Guest, Lan: the port, as the file has it; else null.</param>
/// <param name="Network">Guest, Lan: the port's network; else null.</param>
/// <param name="Addresses">One for each broadcast domain that it is on: one, but for the host.</param>
/// <param name="Inside">Guest: its address in its network's subnet, or what the file gives it; null: neither.</param>
internal sealed record LabStation(
    int Number, string Name, LabRole Role, PortModel? Port, NetworkModel? Network, IReadOnlyList<LabAddress> Addresses,
    InterfaceAddress? Inside)
{
    /// <summary>It asks for <see cref="Inside"/> when it boots.</summary>
    public bool BootsByDhcp { get; init; }

    /// <summary>The name of its interface, in its namespace; the host's are the switch's business.</summary>
    public string Interface => Port is InterfaceModel port && PortKinds.Of(port).GivesInterface ? port.Interface : "eth0";

    /// <summary>Its first address in the shared prefix.</summary>
    public Ipv4Address Ipv4 => Addresses[0].Ipv4;

    /// <summary>The way out of its network: the switch (nat) or the host (host-only).</summary>
    public Ipv4Address? Gateway => Network?.Mode is NetworkMode.Nat or NetworkMode.HostOnly ? Network.Gateway : null;

    /// <summary>The broadcast domain that one of its addresses is on.</summary>
    public string DomainOf(LabAddress address) => Network?.Name ?? address.Domain;

    public bool IsOn(string domain) => Addresses.Any(address => DomainOf(address) == domain);

    /// <summary>On one broadcast domain: those reach each other, whatever else there is.</summary>
    public bool IsNeighborOf(LabStation other) => Addresses.Any(address => other.IsOn(DomainOf(address)));

    /// <summary>For people.</summary>
    public string Place => Network is { } network ? $"network {network.Name}" : Role == LabRole.Host ? "the host" : "outside";
}
