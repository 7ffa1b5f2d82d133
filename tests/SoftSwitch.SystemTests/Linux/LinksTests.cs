using System.Net;
using System.Net.NetworkInformation;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;

namespace SoftSwitch.SystemTests.Linux;

public class LinksTests
{
    private static readonly MacAddress Left = MacAddress.Parse("02:00:00:00:00:01");
    private static readonly MacAddress Right = MacAddress.Parse("02:00:00:00:00:02");

    [Fact]
    public void A_veth_pair_spans_two_namespaces()
    {
        using var sandbox = Sandbox.Make();
        using var other = NetworkNamespace.CreateUnnamed();
        using var there = new Links(other);
        var here = sandbox.Links.CreateVethPair("left", Left, "right", Right, other);
        var peer = there.Find("right");
        Assert.NotNull(peer);
        Assert.Equal(("left", Left, "veth", false), (here.Name, here.MacAddress, here.Kind, here.IsUp));
        Assert.Equal(("right", Right, "veth", false), (peer.Name, peer.MacAddress, peer.Kind, peer.IsUp));
        Assert.Null(sandbox.Links.Find("right"));

        sandbox.Links.SetUp(here.Index);
        Assert.False(sandbox.Links.FindByIndex(here.Index)!.IsRunning);
        there.SetUp(peer.Index);
        Assert.True(there.FindByIndex(peer.Index)!.HasCarrier);
        sandbox.Links.Delete(here.Index);
        Assert.Null(there.Find("right"));
    }

    [Fact]
    public void What_has_the_number_of_one_that_was_made_stays_when_that_is_to_go()
    {
        using var sandbox = Sandbox.Make();
        var index = sandbox.Links.CreateVethPair("left", Left, "right", Right).Index;
        sandbox.Links.DeleteMade(index, Right);
        sandbox.Links.DeleteMade(index, mac: null);
        Assert.NotNull(sandbox.Links.FindByIndex(index));
        sandbox.Links.DeleteMade(index, Left);
        Assert.Null(sandbox.Links.FindByIndex(index));
        sandbox.Links.DeleteMade(index, Left);
        sandbox.Links.DeleteMade(0, Left);
    }

    [Fact]
    public void Addresses_are_told_of_one_interface_or_of_all()
    {
        using var sandbox = Sandbox.Make();
        var links = sandbox.Links;
        var (a, b) = (links.CreateVethPair("a", null, "b", null).Index, links.Require("b").Index);
        links.AddAddress(a, Ipv4Address.Parse("10.1.2.3"), 24);
        links.AddAddress(b, Ipv4Address.Parse("10.1.2.4"), 24);
        links.AddAddress(b, IPAddress.Parse("fd00::4"), 64);
        Assert.Equal([Ipv4Address.Parse("10.1.2.3")], links.Addresses(a).Select(one => one.Address));
        Assert.Equal([Ipv4Address.Parse("10.1.2.4")], links.Addresses(b).Select(one => one.Address));
        Assert.Empty(links.Ipv6Addresses(a));
        Assert.Single(links.Ipv6Addresses(b));
        Assert.Equal(2, links.Addresses().Count(one => one.Interface == a || one.Interface == b));
        links.Delete(a);
        Assert.Empty(links.Addresses(a));
        Assert.Empty(links.Ipv6Addresses(b));
        Assert.Empty(links.Addresses(0));
    }

    [Fact]
    public void An_interface_is_changed_in_every_way()
    {
        using var sandbox = Sandbox.Make();
        var links = sandbox.Links;
        var index = links.CreateVethPair("a", null, "b", null).Index;
        links.SetMtu(index, 9000);
        links.SetMac(index, Left);
        links.Rename(index, "renamed");
        links.DisableAddressGeneration(index);
        links.SetUp(index);
        var link = links.Find("renamed")!;
        Assert.Equal((index, 9000, Left, true, true), (link.Index, link.Mtu, link.MacAddress, link.IsUp, link.GeneratesNoAddress));
        Assert.False(links.Find("b")!.GeneratesNoAddress);
        links.SetDown(index);
        Assert.False(links.FindByIndex(index)!.IsUp);
    }

    [Fact]
    public void An_interface_moves_to_another_namespace()
    {
        using var sandbox = Sandbox.Make();
        using var other = NetworkNamespace.CreateUnnamed();
        using var there = new Links(other);
        sandbox.Links.MoveTo(sandbox.Links.CreateVethPair("a", null, "b", null).Index, other);
        Assert.Null(sandbox.Links.Find("a"));
        Assert.NotNull(there.Find("a"));
    }

    [Fact]
    public void Addresses_routes_and_neighbors_reach_the_kernel()
    {
        using var sandbox = Sandbox.Make();
        var links = sandbox.Links;
        var index = links.CreateVethPair("a", null, "b", null).Index;
        links.SetUp(links.Find("b")!.Index);
        links.SetUp(index);
        for (var i = 0; i < 2; i++)
            links.AddAddress(index, Ipv4Address.Parse("10.1.2.3"), 24);
        links.AddAddress(index, IPAddress.Parse("fd00::3"), 64);
        links.AddDefaultRoute(Ipv4Address.Parse("10.1.2.1"));
        links.AddDefaultRoute(IPAddress.Parse("fd00::1"));
        links.AddNeighbor(index, IPAddress.Parse("10.1.2.1"), Right);
        links.AddNeighbor(index, IPAddress.Parse("fd00::1"), Right);
        sandbox.Namespace.Run(() =>
        {
            var addresses = NetworkInterface.GetAllNetworkInterfaces().Single(i => i.Name == "a").GetIPProperties().UnicastAddresses;
            Assert.Contains(addresses, a => a.Address.ToString() == "10.1.2.3" && a.PrefixLength == 24);
            Assert.Contains(addresses, a => a.Address.ToString() == "fd00::3" && a.PrefixLength == 64);
            Assert.Contains("a\t00000000\t0102010A", File.ReadAllText("/proc/thread-self/net/route"));
            Assert.Contains("fd000000000000000000000000000001", File.ReadAllText("/proc/thread-self/net/ipv6_route"));
            Assert.Contains(Right.ToString(), File.ReadAllText("/proc/thread-self/net/arp"));
        });
    }

    [Fact]
    public void Several_hundred_interfaces_are_listed_each_once()
    {
        using var sandbox = Sandbox.Make();
        for (var i = 0; i < 150; i++)
            sandbox.Links.CreateVethPair($"a{i}", null, $"b{i}", null);
        var links = sandbox.Links.List();
        Assert.Equal(301, links.Count);
        Assert.Equal(301, links.Select(l => l.Name).Distinct().Count());
    }

    [Fact]
    public void A_refusal_names_the_interface_and_the_reason()
    {
        using var sandbox = Sandbox.Make();
        sandbox.Links.CreateVethPair("a", null, "b", null);
        var taken = Assert.Throws<SystemCallException>(() => sandbox.Links.CreateVethPair("a", null, "c", null));
        Assert.Equal(Errno.EEXIST, taken.ErrorNumber);
        Assert.StartsWith("veth a and c: file exists", taken.Message);
        Assert.Null(sandbox.Links.Find("c"));
        var missing = Assert.Throws<SystemCallException>(() => sandbox.Links.SetUp(4711));
        Assert.Equal("interface 4711: no such device (RTM_SETLINK up: ENODEV)", missing.Message);
    }

    [Fact]
    public void A_refusal_carries_the_kernel_s_own_words()
    {
        using var sandbox = Sandbox.Make();
        var index = sandbox.Links.CreateVethPair("a", null, "b", null).Index;
        var refused = Assert.Throws<SystemCallException>(() => sandbox.Links.SetMtu(index, 1));
        Assert.Contains("mtu less than device minimum", refused.Message);
    }

    [Theory]
    [InlineData("a-name-of-16-chr", "16 bytes")]
    [InlineData("a b", "no spaces")]
    [InlineData("a/b", "no spaces")]
    [InlineData("tap%d", "no spaces")]
    [InlineData("", "needs a name")]
    public void A_name_the_kernel_would_not_take_is_refused_before_it_is_asked(string name, string words)
    {
        Assert.Contains(words, InterfaceName.Mistake(name));
        Assert.Throws<ArgumentException>(() => InterfaceName.Check(name));
    }

    [Fact]
    public void A_missing_interface_is_null()
    {
        using var sandbox = Sandbox.Make();
        Assert.Null(sandbox.Links.Find("none"));
        Assert.Null(sandbox.Links.Find("far-too-long-a-name-for-linux"));
        Assert.Null(sandbox.Links.FindByIndex(4711));
        Assert.Null(sandbox.Links.FindByIndex(-1));
    }
}
