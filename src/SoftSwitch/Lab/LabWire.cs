using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>A cable of the host's: an interface that the file expects, and the station at its other end.</summary>
/// <param name="Interface">The host's interface.</param>
/// <param name="Domain">The broadcast domain it is part of.</param>
/// <param name="Station">The number of the station.</param>
/// <param name="Mtu">Of both ends.</param>
internal sealed record LabWire(string Interface, string Domain, int Station, int Mtu)
{
    /// <summary>The host's address there; null: none, no nat network goes out by it.</summary>
    public InterfaceAddress? Host { get; init; }

    /// <summary>The station's address in the same subnet.</summary>
    public Ipv4Address Router { get; init; }

    /// <summary>An address of the station that only a route leads to.</summary>
    public Ipv4Address Far { get; init; }

    /// <summary>The host's default route leads there.</summary>
    public bool IsDefault { get; init; }
}
