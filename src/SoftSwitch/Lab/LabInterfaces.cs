using System.Globalization;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.Lab;

/// <summary>What stands at the interfaces of a lab in namespaces: cables, addresses, neighbors.</summary>
internal sealed class LabInterfaces(LabPlan plan, LabSpaces spaces)
{
    /// <summary>RFC 8200, 5.</summary>
    private const int Ipv6MinimumMtu = 1280;

    /// <summary>Why IPv6 can't be shown; null: it can.</summary>
    public string? NoIpv6 { get; private set; } = plan.Stations.FirstOrDefault(station => station.Port?.Mtu < Ipv6MinimumMtu) is { } narrow
        ? string.Create(CultureInfo.InvariantCulture,
            $"the MTU of port {narrow.Name}: it is {narrow.Port!.Mtu}, and IPv6 needs {Ipv6MinimumMtu}")
        : null;

    /// <summary>The interface that the file expects, and whoever is at the other end of its cable.</summary>
    public void Connect(LabWire wire)
    {
        var station = plan.Stations[wire.Station];
        using var near = new Links(spaces.Own);
        using var far = new Links(spaces.Of(station));
        var link = near.CreateVethPair(wire.Interface, null, station.Interface, null, spaces.Of(station));
        near.DisableAddressGeneration(link.Index);
        near.SetMtu(link.Index, wire.Mtu);
        near.SetUp(link.Index);
        var end = far.Find(station.Interface)!.Index;
        far.SetMtu(end, wire.Mtu);
        far.SetUp(end);
        if (wire.Host is not { } host)
            return;
        near.AddAddress(link.Index, host.Address, host.PrefixLength);
        far.AddAddress(end, wire.Router, host.PrefixLength);
        far.AddAddress(end, wire.Far, 32);
        if (wire.IsDefault)
            near.AddDefaultRoute(wire.Router);
        var outsides = plan.Outsides.Where(outside => outside.Station == station.Number).ToList();
        foreach (var outside in outsides)
            far.AddAddress(end, outside.Router, outside.SeenAs.PrefixLength);
        // Whoever is outside and asks for an address of the inside gets its question as far as the switch.
        far.AddDefaultRoute((outsides.Find(outside => outside.SharesHost) ?? outsides[0]).SeenAs.Address);
    }

    public void GiveAddresses(LabStation station)
    {
        using var links = new Links(spaces.Of(station));
        foreach (var address in station.Addresses)
        {
            var index = Interface(links, station, address).Index;
            var isHost = station.Role == LabRole.Host;
            links.AddAddress(index, address.Ipv4, isHost ? LabPlan.Ipv4DomainLength : LabPlan.Ipv4PrefixLength);
            if (NoIpv6 is not null)
                continue;
            try
            {
                links.AddAddress(index, address.Ipv6, isHost ? LabPlan.Ipv6DomainLength : LabPlan.Ipv6PrefixLength);
            }
            catch (SystemCallException e)
            {
                NoIpv6 = e.Message;
            }
        }
        if (station.Inside is { } inside)
            links.AddAddress(Interface(links, station, station.Addresses[0]).Index, inside.Address, inside.PrefixLength);
        if (station.Gateway is { } gateway && station.Inside is { } own && own.Subnet.Contains(gateway))
            links.AddDefaultRoute(gateway);
    }

    /// <summary>Where a station has one of its addresses.</summary>
    private LinkInfo Interface(Links links, LabStation station, LabAddress address)
    {
        var name = station.Role != LabRole.Host ? station.Interface
            : plan.Wires.FirstOrDefault(wire =>
                    wire.Domain == address.Domain && plan.Stations[wire.Station].Port is null or NicModel { IsUplink: true })?.Interface
                ?? plan.Model.Networks.Single(network => network.Name == address.Domain).HostInterface!;
        return links.Find(name) ?? throw new InvalidOperationException($"{station.Name} lost its interface {name}");
    }

    /// <summary>Tells everybody the hardware addresses of all others.</summary>
    public void Introduce()
    {
        var all = plan.Stations.SelectMany(station =>
        {
            using var links = new Links(spaces.Of(station));
            return station.Addresses
                .Select(address => (Station: station, Address: address, Link: Interface(links, station, address))).ToList();
        }).ToList();
        foreach (var (station, address, link) in all)
        {
            using var links = new Links(spaces.Of(station));
            foreach (var other in all)
            {
                // The host knows of each domain only those who are on it.
                if (other.Station == station || (station.Role == LabRole.Host && !other.Station.IsOn(address.Domain)))
                    continue;
                links.AddNeighbor(link.Index, other.Address.Of(isIpv6: false), other.Link.MacAddress);
                if (NoIpv6 is null)
                    links.AddNeighbor(link.Index, other.Address.Ipv6, other.Link.MacAddress);
                if (station.Inside is { } mine && other.Station.Inside is { } theirs && mine.Subnet == theirs.Subnet
                    && station.IsNeighborOf(other.Station))
                    links.AddNeighbor(link.Index, theirs.Address.ToIPAddress(), other.Link.MacAddress);
            }
        }
    }
}
