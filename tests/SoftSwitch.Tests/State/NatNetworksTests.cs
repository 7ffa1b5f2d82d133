using SoftSwitch.Config;
using SoftSwitch.Persistence;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.State;

/// <summary>Which networks that translate stay the ones they are, and by which numbers translators know them.</summary>
public sealed class NatNetworksTests
{
    private const string Own = "{ interface: nic, address: 192.0.2.10/24 }";

    private OrderedDictionary<string, NatNetwork> _now = [];

    [Fact]
    public void Who_is_translated_otherwise_stays_and_who_is_elsewhere_or_has_another_gateway_is_new()
    {
        var before = Become(Network("a", 1), Network("b", 2), Network("c", 3), Network("d", 4), Network("e", 5));
        var after = Become(Network("e", 5), Network("a", 1, "{ ports: 31000-31099 }", "filtering: endpoint, flows: 5000"),
            Network("b", 2, "{ interface: nic }"), Network("c", 13), Network("d", 4, more: "gateway: 10.4.0.9"));
        Assert.Equal(["e", "a", "c", "d", "b"], after.Keys);
        Assert.Same(before["a"], after["a"]);
        Assert.Same(before["e"], after["e"]);
        Assert.All("bcd", name => Assert.NotSame(before[$"{name}"], after[$"{name}"]));
        Assert.Equal("10.4.0.9", $"{after["d"].Gateway.Address}");
    }

    [Fact]
    public void A_number_is_nobody_elses_at_an_outside_and_of_who_goes_it_is_used_last()
    {
        Become(Network("a", 1), Network("b", 2), Network("c", 3, Own), Network("d", 4, Own));
        Assert.Equal([0, 1, 0, 1], Numbers);
        // The number of a is free only when nobody brings packets of it any more.
        Become(Network("b", 2), Network("e", 5), Network("c", 3, Own), Network("d", 14, Own));
        Assert.Equal([1, 2, 0, 2], Numbers);
        Become(Network("b", 2), Network("e", 5), Network("f", 6), Network("c", 3, Own));
        Assert.Equal([1, 2, 0, 0], Numbers);
    }

    [Fact]
    public void Any_sequence_of_files_has_numbers_that_are_apart_and_keeps_who_is_the_same()
    {
        var random = new Random(7);
        for (var step = 0; step < 500; step++)
        {
            var before = _now;
            var after = Become([.. Enumerable.Range(1, 8).Where(_ => random.Next(3) > 0).Select(number => Network(
                $"n{number}", number + 10 * random.Next(2), random.Next(2) == 0 ? "{}" : Own))]);
            foreach (var outside in after.Values.GroupBy(network => network.Place))
                Assert.Equal(outside.Count(), outside.Select(network => network.Policy).Distinct().Count());
            foreach (var (name, network) in after)
            {
                if (before.TryGetValue(name, out var was))
                    Assert.Equal(was.Place == network.Place && was.Gateway.Subnet == network.Gateway.Subnet, was == network);
            }
        }
    }

    private int[] Numbers => [.. _now.Values.Select(network => network.Policy)];

    private static string Network(string name, int subnet, string outside = "{}", string more = "mtu: 1500") =>
        $"{name}: {{ mode: nat, subnet: 10.{subnet}.0.0/24, outside: {outside}, {more} }}";

    private OrderedDictionary<string, NatNetwork> Become(params string[] networks)
    {
        var read = ConfigFile.Parse("test", $"networks:\n  {string.Join("\n  ", networks)}\n");
        Assert.True(read.Ok, string.Join('\n', read.Mistakes));
        var model = read.Model with
        {
            Networks = [.. from network in read.Model.Networks
                select network with { Gateway = network.Gateway ?? network.Subnet!.Value.First }],
        };
        return _now = NatNetworks.Of(model, _now.Values, StationMacs.OfNames);
    }
}
