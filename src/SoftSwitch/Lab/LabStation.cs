using System.Net;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>Who is played at the other end of a port: a guest, or behind a NIC a host on the LAN.</summary>
/// <param name="Number">Its place among all stations, from 0.</param>
/// <param name="Port">The port, as the file has it.</param>
/// <param name="Network">The port's network.</param>
/// <param name="Ipv4">Its address in the prefix that all stations of the lab share.</param>
/// <param name="Ipv6">Likewise.</param>
internal sealed record LabStation(int Number, PortModel Port, NetworkModel Network, Ipv4Address Ipv4, IPAddress Ipv6)
{
    public string Name => Port.Name;

    /// <summary>A NIC's other end is no guest but the outside world.</summary>
    public bool IsOnLan => Port is NicModel;

    /// <summary>The name of its interface, in its namespace.</summary>
    public string Interface => Port switch
    {
        TapModel tap => tap.Interface,
        VethModel veth => veth.Interface,
        _ => "eth0",
    };

    /// <summary>The address that the file gives it.</summary>
    public InterfaceAddress? Own => Port switch
    {
        TapModel tap => tap.Address,
        VethModel veth => veth.Address,
        _ => null,
    };

    public IPAddress Ipv4Address { get; } = IPAddress.Parse(Ipv4.ToString());

    /// <summary>What the file says: those on one network reach each other, and nobody else.</summary>
    public bool MustReach(LabStation other) => Network == other.Network;
}
