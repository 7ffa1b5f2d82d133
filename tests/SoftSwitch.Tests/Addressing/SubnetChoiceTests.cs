using SoftSwitch.Addressing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.Addressing;

public class SubnetChoiceTests
{
    private static readonly Dictionary<string, Ipv4Subnet> Nothing = [];

    [Fact]
    public void A_new_subnet_is_a_24_of_private_space_and_the_same_each_time()
    {
        var first = Choose("networks: { dev: { mode: nat }, lab: { mode: host-only } }", Nothing);
        Assert.Equal(["dev", "lab"], first.Keys);
        Assert.All(first.Values,
            subnet => Assert.True(subnet.PrefixLength == 24 && Subnet("10.0.0.0/8").Contains(subnet.Address), subnet.ToString()));
        Assert.NotEqual(first["dev"], first["lab"]);
        Assert.Equal(first, Choose("networks: { dev: { mode: nat }, lab: { mode: host-only } }", Nothing));
    }

    [Fact]
    public void Networks_that_know_their_subnet_or_need_none_get_none() =>
        Assert.Empty(Choose(
            "networks: { a: { mode: nat, subnet: 10.1.0.0/24 }, b: { mode: internal }, c: { mode: bridged, uplink: eth0 } }", Nothing));

    [Fact]
    public void Every_route_of_the_host_is_avoided()
    {
        var subnet = Choose("networks: { dev: { mode: nat } }", Nothing)["dev"];
        var next = Choose("networks: { dev: { mode: nat } }", Nothing, subnet)["dev"];
        Assert.False(subnet.Overlaps(next));
        var inside = Choose("networks: { dev: { mode: nat } }", Nothing, new Ipv4Subnet(subnet.Last, 32))["dev"];
        Assert.Equal(next, inside);
        Assert.True(
            Subnet("192.168.0.0/16").Contains(Choose("networks: { dev: { mode: nat } }", Nothing, Subnet("10.0.0.0/8"))["dev"].Address));
        Assert.True(Subnet("172.16.0.0/12").Contains(
            Choose("networks: { dev: { mode: nat } }", Nothing, Subnet("10.0.0.0/8"), Subnet("192.168.0.0/16"))["dev"].Address));
    }

    [Fact]
    public void Routes_that_lead_everywhere_else_are_not_in_the_way() =>
        Assert.Single(Choose("networks: { dev: { mode: nat } }", Nothing, Subnet("0.0.0.0/0"), Subnet("0.0.0.0/1"), Subnet("128.0.0.0/1"),
            Subnet("8.0.0.0/5")));

    [Fact]
    public void A_machine_that_routes_all_private_space_has_none_left() =>
        Assert.Empty(
            Choose("networks: { dev: { mode: nat } }", Nothing, Subnet("10.0.0.0/8"), Subnet("192.168.0.0/16"), Subnet("172.16.0.0/12")));

    [Fact]
    public void Subnets_and_addresses_of_the_file_are_avoided()
    {
        var free = Choose("networks: { dev: { mode: nat } }", Nothing)["dev"];
        Assert.NotEqual(free, Choose($"networks: {{ dev: {{ mode: nat }}, other: {{ mode: internal, subnet: {free} }} }}", Nothing)["dev"]);
        Assert.NotEqual(free, Choose($"networks: {{ dev: {{ mode: nat, outside: {{ address: {free.First}/24 }} }} }}", Nothing)["dev"]);
        Assert.NotEqual(free, Choose("networks: { dev: { mode: nat }, other: { mode: internal } }\n"
            + $"ports: {{ p: {{ network: other, kind: tap, address: {free.First}/24 }} }}", Nothing)["dev"]);
    }

    [Fact]
    public void A_thousand_networks_get_a_thousand_subnets()
    {
        var chosen =
            Choose($"networks: {{ {string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"n{i}: {{ mode: nat }}"))} }}", Nothing);
        Assert.Equal(1000, chosen.Values.Distinct().Count());
    }

    [Fact]
    public void What_was_chosen_before_stays()
    {
        var remembered = new Dictionary<string, Ipv4Subnet> { ["dev"] = Subnet("10.99.1.0/24"), ["gone"] = Subnet("10.99.2.0/24") };
        Assert.Equal(Subnet("10.99.1.0/24"),
            Choose("networks: { dev: { mode: nat } }", remembered, Subnet("10.99.2.0/24"), Subnet("10.0.0.0/8"))["dev"]);
    }

    [Fact]
    public void What_was_chosen_before_gives_way_to_a_route_and_to_the_file()
    {
        var remembered = new Dictionary<string, Ipv4Subnet> { ["dev"] = Subnet("10.99.1.0/24") };
        foreach (var (text, route) in new[]
        {
            ("networks: { dev: { mode: nat } }", "10.99.1.0/24"),
            ("networks: { dev: { mode: host-only } }", "10.99.1.0/24"),
            ("networks: { dev: { mode: nat } }", "10.99.1.7/32"),
            ("networks: { dev: { mode: nat }, other: { mode: internal, subnet: 10.99.0.0/23 } }", "192.0.2.0/24"),
        })
        {
            var choice = new SubnetChoice(Files.Read(text).Model!, remembered, [Subnet(route)]);
            Assert.False(choice.Choose()["dev"].Overlaps(Subnet("10.99.1.0/24")), text);
            Assert.Equal(["dev"], choice.Moved);
        }
    }

    [Fact]
    public void Two_networks_remembered_with_one_subnet_end_up_with_two()
    {
        var remembered = new Dictionary<string, Ipv4Subnet> { ["a"] = Subnet("10.99.0.0/16"), ["b"] = Subnet("10.99.1.0/24") };
        var chosen = Choose("networks: { a: { mode: nat }, b: { mode: nat } }", remembered);
        Assert.Equal(Subnet("10.99.0.0/16"), chosen["a"]);
        Assert.False(chosen["b"].Overlaps(chosen["a"]));
    }

    [Fact]
    public void What_is_remembered_for_others_is_left_to_them()
    {
        var free = Choose("networks: { dev: { mode: nat } }", Nothing)["dev"];
        Assert.NotEqual(free, Choose("networks: { dev: { mode: nat } }", new() { ["other"] = free })["dev"]);
    }

    private static Ipv4Subnet Subnet(string text) => Ipv4Subnet.TryParse(text, out var subnet) ? subnet : throw new ArgumentException(text);

    private static Dictionary<string, Ipv4Subnet> Choose(string text, Dictionary<string, Ipv4Subnet> remembered,
        params Ipv4Subnet[] routed) =>
        new SubnetChoice(Files.Read(text).Model!, remembered, routed).Choose();
}
