using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>Where a way out is at one moment: the host's interface, and the address that the world sees there. When any of it changes, the
/// way out is made anew.</summary>
/// <param name="Index">The interface's number.</param>
/// <param name="Interface">Its name.</param>
/// <param name="HostMac">Its MAC address.</param>
/// <param name="Mtu">Its MTU.</param>
/// <param name="Address">The host's, or one of its own.</param>
/// <param name="Subnet">The subnet on the link.</param>
/// <param name="IsBareIp">It carries packets of IP without any header in front.</param>
internal sealed record OutsideLink(
    int Index, string Interface, MacAddress HostMac, int Mtu, Ipv4Address Address, Ipv4Subnet Subnet, bool IsBareIp)
{
    /// <summary>Finds the interface of the foremost in what the host has now.</summary>
    /// <param name="before">Where it was: what follows the default route stays there while there is none. 0: nowhere.</param>
    /// <param name="obstacle">Why there is none.</param>
    public static LinkInfo? FindInterface(OutsideModel model, Links links, HostIpv4 host, int before, out string? obstacle)
    {
        // One that is named is found by its name once: called otherwise it is the same.
        var link = model.Interface is { } name
            ? links.FindByIndex(before) ?? links.Find(name)
            : OfDefaultRoute(links, host) ?? links.FindByIndex(before);
        obstacle = link is not null ? null
            : model.Interface is { } missing
                ? $"there is no interface {missing}; see which there are: ip -br link"
                : "the host has no default route; name an interface, or wait for one";
        return link;
    }

    /// <summary>The foremost, by an interface.</summary>
    /// <param name="own">An address of its own; null: the host's is shared.</param>
    /// <param name="obstacle">Why there is none.</param>
    public static OutsideLink? Of(LinkInfo link, InterfaceAddress? own, HostIpv4 host, out string? obstacle)
    {
        obstacle = $"interface {link.Name} has no IPv4 address to share: give it one, or the network an address of its own";
        var (address, subnet) = own is { } one
            ? (one.Address, one.Subnet)
            : host.AddressOf(link.Index) is { } shared ? (shared.Address, shared.Subnet) : default;
        return address == default ? null : new(link.Index, link.Name, link.MacAddress, link.Mtu, address, subnet, link.IsBareIp);
    }

    /// <summary>Finds one in what the host has now: an address of the host, on whichever interface, by which the host's routing has packets
    /// leave by this interface.</summary>
    public static OutsideLink? At(Links links, IReadOnlyList<AddressInfo> addresses, int index, Ipv4Address address)
    {
        if (links.FindByIndex(index) is not { } link || !addresses.Any(own => own.Address == address))
            return null;
        var here = addresses.FirstOrDefault(own => own.Address == address && own.Interface == index);
        var subnet = here.Interface == index ? here.Subnet : new Ipv4Subnet(address, 32);
        return new(index, link.Name, link.MacAddress, link.Mtu, address, subnet, link.IsBareIp);
    }

    /// <summary>Where packets go next from here, with the host's address: as its routes say.</summary>
    public NextHops NextHops(HostIpv4 host) => new(host.RoutesOf(Index).Select(route => (route.Destination, route.Gateway)));

    /// <summary>The same with an address of its own.</summary>
    /// <param name="router">As the file or the lease says; null: only the subnet is reached.</param>
    public NextHops NextHops(Ipv4Address? router)
    {
        List<(Ipv4Subnet, Ipv4Address?)> routes = [(Subnet, null)];
        if (router is not null)
            routes.Add((new(default, 0), router));
        return new(routes);
    }

    /// <summary>The interface of the best default route that can lead out, best one with a link: a VPN's comes and goes.</summary>
    private static LinkInfo? OfDefaultRoute(Links links, HostIpv4 host)
    {
        LinkInfo? bare = null;
        foreach (var route in host.DefaultRoutes())
        {
            var link = links.FindByIndex(route.Interface);
            if (link is { IsEthernet: true })
                return link;
            if (link is { IsBareIp: true })
                bare ??= link;
        }
        return bare;
    }
}
