using SoftSwitch.Addressing;
using SoftSwitch.Config;
using SoftSwitch.Config.Checks;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>What a configuration is held against on the machine that runs it.</summary>
public class HostTests
{
    [Fact]
    public void Routes_by_interfaces_that_the_file_makes_are_not_in_its_way_and_all_others_are()
    {
        using var sandbox = Sandbox.Make();
        AddWithAddress(sandbox.Links, "ss-lab", "192.168.56.1", 24);
        AddWithAddress(sandbox.Links, "box", "10.20.0.9", 24);
        AddWithAddress(sandbox.Links, "eth7", "192.0.2.7", 24);
        sandbox.Links.AddDefaultRoute(Ipv4Address.Parse("192.0.2.1"));
        var model = ConfigFile.Parse("file",
            """
            networks: { lab: { mode: host-only, subnet: 192.168.56.0/24 }, quiet: { mode: internal } }
            ports: { box: { network: quiet, kind: tap, address: 10.20.0.9/24 } }
            """).Model!;

        var routes = HostRoutes.Beside(sandbox.Links, model);

        Assert.NotNull(HostRoutes.Within(routes, Subnet("192.0.2.0/24")));
        Assert.Null(HostRoutes.Within(routes, Subnet("192.168.56.0/24")));
        Assert.Null(HostRoutes.Within(routes, Subnet("10.20.0.0/24")));
        Assert.DoesNotContain(Subnet("0.0.0.0/0"), routes);
    }

    [Fact]
    public void An_address_of_the_machine_is_its_own()
    {
        using var sandbox = Sandbox.Make();
        AddWithAddress(sandbox.Links, "eth7", "192.0.2.7", 24);
        var host = HostAddresses.Read(sandbox.Links);
        Assert.True(host.IsOwn(Ipv4Address.Parse("192.0.2.7")));
        Assert.False(host.IsOwn(Ipv4Address.Parse("192.0.2.8")));
    }

    private static void AddWithAddress(Links links, string name, string address, int prefixLength)
    {
        var link = links.CreateVethPair(name, new((0x02UL << 40) | (uint)name.Length), name + "p",
            new((0x02UL << 40) | 0x100 | (uint)name.Length));
        links.AddAddress(link.Index, Ipv4Address.Parse(address), prefixLength);
        links.SetUp(link.Index);
        links.SetUp(links.Find(name + "p")!.Index);
    }

    private static Ipv4Subnet Subnet(string text) => Ipv4Subnet.TryParse(text, out var subnet) ? subnet : throw new ArgumentException(text);
}
