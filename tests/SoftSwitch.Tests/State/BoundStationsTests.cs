using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State.Networks;

namespace SoftSwitch.Tests.State;

public class BoundStationsTests
{
    [Fact]
    public void A_port_s_address_is_its_own_whether_the_file_gives_it_or_it_was_made()
    {
        var given = MacAddress.Parse("52:54:00:00:00:01");
        var ports = Complete(
            new TapModel { Name = "given", Network = "lab", Interface = "given", Mac = given },
            new TapModel { Name = "tap", Network = "lab", Interface = "tap", Netns = "one" },
            new VethModel { Name = "veth", Network = "lab", Interface = "veth", Netns = "two" },
            new GuestModel { Name = "guest", Network = "lab", Interface = "guest" },
            new NicModel { Name = "nic", Network = "lab", Interface = "nic" });
        var bound = BoundStations.Of(ports);
        Assert.Equal("given", bound[given]);
        foreach (var name in (string[])["tap", "veth", "guest"])
            Assert.Equal(name, bound[StationMacs.OfNames.Port("lab", name)]);
        Assert.DoesNotContain("nic", bound.Values);
    }

    [Fact]
    public void What_the_file_gives_one_port_is_that_one_s_though_it_was_made_for_another()
    {
        var made = StationMacs.OfNames.Port("lab", "a");
        var bound = BoundStations.Of(Complete(
            new TapModel { Name = "a", Network = "lab", Interface = "a", Netns = "one" },
            new TapModel { Name = "b", Network = "lab", Interface = "b", Netns = "two", Mac = made }));
        Assert.Equal("b", bound[made]);
    }

    private static PortModel[] Complete(params PortModel[] ports) => [.. ports.Select(StationMacs.OfNames.Complete)];
}
