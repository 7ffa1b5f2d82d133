using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Routing;
using SoftSwitch.Tests.Services;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Who brings what is another's for certain is told of, with what and whose.</summary>
public sealed class PretenceTests : IDisposable
{
    private readonly StationRig _net = new(hasServices: false);

    private Rig Rig => _net.Rig;

    private Bridge Bridge => _net.Station.Membership!.Bridge;

    public void Dispose() => _net.Dispose();

    [Fact]
    public void A_bound_station()
    {
        Bridge.Bound = new Dictionary<MacAddress, string> { [new(Mac(9))] = "vm9" }.ToFrozenDictionary();
        Rig.Carry(1, Frame(Broadcast, Mac(9)));
        Assert.Equal(new PretenceNews(Rig.Member(1), new(Mac(9)), default, "vm9"), Assert.Single(Bridge.TakePretences(Rig.Now)));
    }

    [Fact]
    public void The_switch_s_own_station()
    {
        Rig.Carry(1, Frame(Broadcast, GatewayRig.GatewayMac));
        Assert.Equal(new PretenceNews(Rig.Member(1), new(GatewayRig.GatewayMac), default, "station"),
            Assert.Single(Bridge.TakePretences(Rig.Now)));
    }

    [Theory]
    [InlineData("10.10.0.1", null)]
    [InlineData("10.10.0.77", "vm7")]
    public void An_address(string address, string? owner)
    {
        Bridge.Addresses = new Dictionary<Ipv4Address, string> { [Ipv4Address.Parse("10.10.0.77")] = "vm7" }.ToFrozenDictionary();
        Claim(1, address);
        Assert.Equal(new PretenceNews(Rig.Member(1), default, Ipv4Address.Parse(address), owner),
            Assert.Single(Bridge.TakePretences(Rig.Now)));
    }

    [Fact]
    public void It_is_said_once_a_minute_and_known_for_two()
    {
        for (var second = 0; second < 125; second++)
        {
            Claim(1, "10.10.0.1");
            Assert.Equal(second % 60 == 0, Bridge.TakePretences(Rig.Now).Count == 1);
            Rig.Now += TimeSpan.FromSeconds(1);
        }
        Rig.Now += TimeSpan.FromSeconds(118);
        Assert.NotNull(Bridge.PretendedBy(Rig.Member(1), Rig.Now));
        Rig.Now += TimeSpan.FromSeconds(2);
        Assert.Null(Bridge.PretendedBy(Rig.Member(1), Rig.Now));
        Assert.Null(Bridge.PretendedBy(Rig.Member(0), Rig.Now));
    }

    private void Claim(int port, string address) =>
        Rig.Carry(port, GatewayRig.Arp(ArpMessage.Request, GatewayRig.GuestMac(port), address, "10.10.0.200"));
}
