using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Two networks share the host's addresses and leave by different interfaces: what one says to the other's ports is handed
/// over.</summary>
public sealed class ElsewhereTests : IDisposable
{
    private static readonly Ipv4Address Second = Ipv4Address.Parse("172.30.0.2");

    private readonly WorldRig _world = new(isShared: true);

    public ElsewhereTests()
    {
        var rig = _world.Rig;
        rig.Add(network: 4);
        var translator = new Napt(new() { OutsideAddress = Second, Capacity = 4096, Seed = 7 });
        translator.SetPolicy(1, new(), rig.Now);
        translator.SetForwards(1, [new(new(IpProtocol.Udp, 8002, 8002), Ipv4Address.Parse("10.20.0.5"), 7)], rig.Now);
        var second = rig.Add(new Outside("second", new(0x0253_0000_0009), Second, GatewayRig.Subnet("172.30.0.0/24"), 1500, 1, translator,
            ownsAddress: false, new([(GatewayRig.Subnet("172.30.0.0/24"), null)])) { Inside = new([_world.OtherGateway], []) }, 4);
        _world.Outside.Translator.SetForwards(0, [new(new(IpProtocol.Udp, 8001, 8001), Ipv4Address.Parse("10.10.0.5"), 7)], rig.Now);
        _world.Outside.Translator.SetAliases([new(Second)], rig.Now, []);
        translator.SetAliases([new(_world.Outside.Address)], rig.Now, []);
        Ipv4Address[] host = [_world.Outside.Address, Second];
        Ipv4Subnet[] inside = [_world.Gateway.Subnet, _world.OtherGateway.Subnet];
        _world.Gateway.Ways = new([_world.Outside], _world.HostWay, host, inside, aliases: [Second], elsewhere: [second]);
        _world.OtherGateway.Ways = new([second], _world.HostWay, host, inside, aliases: [host[0]], elsewhere: [_world.Outside]);
    }

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("203.0.113.1")]
    [InlineData("172.30.0.2")]
    public void A_forward_of_a_network_with_another_outside_is_asked_at_any_address_and_answers_with_it(string address)
    {
        _world.Say(Other, $"udp 10.20.0.5:4000 > {address}:8001 len=5");
        var asked = Assert.Single(_world.Heard(Guest0));
        Assert.Equal(("172.30.0.2", 7), (asked.Source.ToString(), asked.DestinationPort));
        for (var i = 0; i < 2; i++)
        {
            _world.Say(Guest0, $"udp 10.10.0.5:7 > 172.30.0.2:{asked.SourcePort} len=9");
            Assert.Equal($"udp {address}:8001 > 10.20.0.5:4000", Assert.Single(_world.Heard(Other)).ToString());
        }
        // And the other way round.
        _world.Say(Guest1, $"udp 10.10.0.6:4000 > {address}:8002 len=5");
        asked = Assert.Single(_world.Heard(Other));
        Assert.Equal("203.0.113.1", asked.Source.ToString());
        _world.Say(Other, $"udp 10.20.0.5:7 > 203.0.113.1:{asked.SourcePort} len=9");
        Assert.Equal($"udp {address}:8002 > 10.10.0.6:4000", Assert.Single(_world.Heard(Guest1)).ToString());
        Assert.Empty(_world.Heard(Host));
        Assert.Empty(_world.Heard(Uplink));
    }

    [Fact]
    public void What_is_no_port_of_theirs_is_the_host_s_and_who_has_not_asked_is_not_answered()
    {
        _world.Say(Other, "udp 10.20.0.5:4000 > 203.0.113.1:8003");
        Assert.Single(_world.Heard(Host));
        _world.Say(Other, "udp 10.20.0.5:4000 > 203.0.113.1:20000");
        Assert.Empty(_world.Heard(Guest0));
        Assert.Empty(_world.Heard(Guest1));
        // What the host begins from such a port is answered to the host.
        _world.HostWay.Translator.SetForwards(1, [new(new(IpProtocol.Udp, 8002, 8002), Ipv4Address.Parse("10.20.0.5"), 7)], _world.Rig.Now);
        _world.Say(Host, "udp 203.0.113.1:8001 > 169.254.83.1:8002");
        Assert.Single(_world.Heard(Other));
        _world.Say(Other, "udp 10.20.0.5:7 > 203.0.113.1:8001");
        Assert.Equal("203.0.113.1", Assert.Single(_world.Heard(Host)).Destination.ToString());
        Assert.Empty(_world.Heard(Guest0));
    }
}
