using SoftSwitch.Config;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;

namespace SoftSwitch.Tests.Live;

/// <summary>What a change doesn't speak of isn't read, compiled or bound anew: its models stay the objects that they are, so a change takes
/// as long as it is large, and not as long as the configuration is.</summary>
public sealed class UntouchedTests
{
    private const string TwoNetworks = """
        networks:
          dev: { mode: internal, mtu: 1400, guard: mac }
          lab: { mode: internal, ageing: 60s }
        ports:
          vm1: { network: dev, kind: guest }
          vm2: { network: lab, kind: guest, mtu: 1300 }
        """;

    [Fact]
    public async Task The_models_of_others_are_the_same_objects()
    {
        await using var live = await LiveFixture.Start(TwoNetworks);
        Assert.Equal(201, (await live.Ask("POST", "v1/networks", """{"name":"q1","mode":"internal"}""")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", """{"name":"vm8","network":"dev","kind":"guest"}""")).Status);
        var before = live.Switch.Model;
        Assert.Equal(201, (await live.Ask("POST", "v1/networks", """{"name":"a1","mode":"internal"}""")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", """{"name":"vm7","network":"q1","kind":"guest"}""")).Status);
        var after = live.Switch.Model;
        Assert.All(before.Networks, network => Assert.Same(network, after.Networks.Single(one => one.Name == network.Name)));
        Assert.All(before.Ports, port => Assert.Same(port, after.Ports.Single(one => one.Name == port.Name)));
        // What hangs on the network is its own all the same.
        Assert.Equal((1400, Guarding.Mac), after.Ports.Where(port => port.Name == "vm8").Select(port => (port.Mtu, port.Guard)).Single());
    }

    [Fact]
    public async Task What_a_port_has_from_its_network_follows_the_network()
    {
        await using var live = await LiveFixture.Start(TwoNetworks);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/networks/dev", """{"mtu":1450,"guard":"off"}""", ifMatch: "*")).Status);
        Assert.Equal((1450, Guarding.Off), (live.Switch.Model.Ports[0].Mtu, live.Switch.Model.Ports[0].Guard));
        Assert.Equal(200, (await live.Ask("PATCH", "v1/networks/dev", """{"mtu":null,"guard":null}""", ifMatch: "*")).Status);
        Assert.Equal((1500, Guarding.Off), (live.Switch.Model.Ports[0].Mtu, live.Switch.Model.Ports[0].Guard));
        Assert.Equal(1300, live.Switch.Model.Ports[1].Mtu);
    }

    [Fact]
    public async Task A_mistake_is_told_each_time()
    {
        await using var live = await LiveFixture.Start();
        live.Write("networks: { dev: { mode: internal, dhcp: {} } }\nports: { vm1: { network: dev, kind: guest, mtu: 1 } }");
        var first = await live.Ask("POST", "v1/reload");
        var second = await live.Ask("POST", "v1/reload");
        Assert.Equal((422, 2), (first.Status, first.Answer!["errors"]!.AsArray().Count));
        Assert.Equal($"{first.Answer}", $"{second.Answer}");
    }

    [Fact]
    public void A_difference_touches_the_networks_that_it_speaks_of()
    {
        var before = Parse(TwoNetworks);
        var (dev, lab, vm1, vm2) = (before.Networks[0], before.Networks[1], before.Ports[0], before.Ports[1]);
        Assert.Empty(Touched(before, Parse(TwoNetworks)));
        Assert.Equal(["lab"], Touched(before, before with { Networks = [dev, lab with { Ageing = TimeSpan.FromSeconds(30) }] }));
        Assert.Equal(["new"], Touched(before, before with { Networks = [dev, lab with { Name = "new" }, lab] }));
        Assert.Equal(["dev"], Touched(before, before with { Ports = [vm2] }));
        Assert.Equal(["lab"], Touched(before, before with { Ports = [vm1, vm2, vm2 with { Name = "vm3" }] }));
        Assert.Equal(["dev", "lab"], Touched(before, before with { Ports = [vm1, vm2 with { Network = "dev" }] }));
    }

    [Fact]
    public void A_made_address_that_is_kept_makes_no_other_port()
    {
        var model = StationMacs.OfNames.Complete(Parse(TwoNetworks));
        Assert.Same(model.Ports[0], KeptMacs.In(model, StationMacs.OfNames.Complete(Parse(TwoNetworks))).Ports[0]);
    }

    private static SwitchModel Parse(string text) => Assert.IsType<SwitchModel>(ConfigDocument.Of("f", text).Compile(null).Model);

    private static IEnumerable<string> Touched(SwitchModel before, SwitchModel after) =>
        ModelDifference.Between(before, after).TouchedNetworks.Order();
}
