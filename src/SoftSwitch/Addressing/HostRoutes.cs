using SoftSwitch.Linux;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Addressing;

/// <summary>The routes of this machine that a network of ours must keep clear of.</summary>
internal static class HostRoutes
{
    /// <summary>All routes but those by interfaces that the configuration itself makes: after a kill the kernel takes a moment to remove
    /// these, and what is left of us must not stand in our own way.</summary>
    /// <exception cref="SystemCallException">The kernel refused.</exception>
    public static IReadOnlyList<Ipv4Subnet> Beside(params ReadOnlySpan<SwitchModel> models)
    {
        using var links = new Links();
        return Beside(links, models);
    }

    /// <summary>The same in the namespace that <paramref name="links"/> is of.</summary>
    internal static IReadOnlyList<Ipv4Subnet> Beside(Links links, params ReadOnlySpan<SwitchModel> models)
    {
        var host = HostIpv4.ReadWhole(links);
        var made = models.ToArray().SelectMany(MadeBy).Select(links.Find).Where(link => link is not null)
            .Select(link => link!.Index).ToHashSet();
        return new HostIpv4([.. host.Addresses.Where(address => !made.Contains(address.Interface))],
            [.. host.Routes.Where(route => !made.Contains(route.Interface))]).Routed();
    }

    /// <summary>The first route for just <paramref name="subnet"/> or a part of it; null: there is none.</summary>
    public static Ipv4Subnet? Within(IReadOnlyList<Ipv4Subnet> routes, Ipv4Subnet subnet) =>
        routes.Where(route => route.PrefixLength >= subnet.PrefixLength && subnet.Contains(route.Address))
            .Cast<Ipv4Subnet?>().FirstOrDefault();

    private static IEnumerable<string> MadeBy(SwitchModel model) =>
    [
        .. model.Networks.Select(network => network.HostInterface).OfType<string>(),
        .. model.Ports.OfType<InterfaceModel>().Where(port => port is { Netns: null, Address: not null }).Select(port => port.Interface),
    ];
}
