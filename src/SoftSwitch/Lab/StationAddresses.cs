using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>The IPv4 addresses of a station, and by which of them it goes where.</summary>
/// <param name="all">The one in the prefix that all stations share first.</param>
/// <param name="gateway">The way to all addresses that are in none of these subnets; null: none.</param>
internal sealed class StationAddresses(IReadOnlyList<InterfaceAddress> all, Ipv4Address? gateway)
{
    public bool Contains(Ipv4Address address) => all.Any(own => own.Address == address);

    public Ipv4Address NextHop(Ipv4Address address) =>
        gateway is { } router && !all.Any(own => own.Subnet.Contains(address)) ? router : address;

    /// <summary>The address of ours in the subnet of the next hop.</summary>
    public Ipv4Address SourceFor(Ipv4Address address) =>
        all.FirstOrDefault(own => own.Subnet.Contains(NextHop(address)), all[0]).Address;
}
