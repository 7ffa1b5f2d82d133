using SoftSwitch.Kinds;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Nat;

/// <summary>
/// Where forwards are asked on the wire: by which interfaces of the host, and at which of its addresses. Those of interfaces with a default
/// route come first, then those with most routes, for there is not room for any number.
/// </summary>
internal sealed class ForwardPlaces
{
    private readonly HostIpv4 _host;
    private readonly Links _links;
    private readonly HashSet<string> _guests;
    private readonly int[] _interfaces;

    /// <param name="host">What it has now.</param>
    /// <param name="links">Its interfaces.</param>
    /// <param name="model">What runs.</param>
    public ForwardPlaces(HostIpv4 host, Links links, SwitchModel model)
    {
        (_host, _links) = (host, links);
        // The other end of a guest's cable isn't an interface by which others come.
        _guests = [.. model.Ports.OfType<InterfaceModel>().Where(port => port is not NicModel).Select(port => port.Interface)];
        var defaults = host.DefaultRoutes().Select(route => route.Interface).ToHashSet();
        var routes = host.Routes.Where(route => route.IsMain).CountBy(route => route.Interface).ToDictionary();
        _interfaces = [.. host.Addresses.Select(address => address.Interface).Distinct()
            .OrderByDescending(defaults.Contains).ThenByDescending(index => routes.GetValueOrDefault(index)).ThenBy(index => index)];
    }

    /// <summary>The interfaces by which others come to the host now, and its address there.</summary>
    public IEnumerable<OutsideLink> Ways => (
        from index in _interfaces
        let link = _links.FindByIndex(index)
        where link is { IsLoopback: false, Master: 0, IsRunning: true } and ({ IsEthernet: true } or { IsBareIp: true })
            && !_guests.Contains(link.Name)
        let address = _host.AddressOf(index)
        where address is not null
        select OutsideLink.At(_links, _host.Addresses, index, address.Value.Address)).OfType<OutsideLink>();

    /// <summary>The addresses of the host, wherever it has them, at which somebody may ask; first those that a forward names. Where all
    /// name one, there are no others. Of what is the host's by a route alone it is those that a forward names, and single ones.</summary>
    public IReadOnlyList<Ipv4Address> Addresses(IReadOnlyCollection<ForwardModel> forwards) =>
    [
        .. (from address in Own.Concat(Routed(forwards))
            let isNamed = forwards.Any(forward => forward.On == address)
            where isNamed || forwards.Any(forward => forward.On is null)
            orderby isNamed descending
            select address).Distinct(),
    ];

    private IEnumerable<Ipv4Address> Own =>
        from index in _interfaces
        from address in _host.Addresses
        where address.Interface == index && address is { IsGlobal: true, Address: { IsLoopback: false, IsLinkLocal: false } }
        select address.Address;

    private IEnumerable<Ipv4Address> Routed(IReadOnlyCollection<ForwardModel> forwards) =>
        from address in forwards.Select(forward => forward.On).OfType<Ipv4Address>()
            .Concat(_host.Local.Where(subnet => subnet.PrefixLength == 32).Select(subnet => subnet.Address))
        where _host.IsReached(address) && !_host.IsOwn(address) && address is { IsUnicast: true, IsLinkLocal: false }
        select address;
}
