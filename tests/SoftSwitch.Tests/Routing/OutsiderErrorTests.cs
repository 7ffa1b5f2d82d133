using System.Buffers.Binary;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Who is outside is told why his packet goes no further, where the host's routing leads to him by the way that it came.</summary>
public sealed class OutsiderErrorTests : IDisposable
{
    private readonly WaysRig _world = new();

    public OutsiderErrorTests()
    {
        _world.ByNic.Translator.SetForwards(
            0, [new(new(IpProtocol.Udp, 5353, 5353), Ipv4Address.Parse("10.10.0.5"), 53)], _world.Rig.Now);
        _world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:7000");
    }

    public void Dispose() => _world.Dispose();

    [Fact]
    public void He_is_where_packets_to_him_go_that_way()
    {
        _world.Answer(_ => _world.ByNic);
        Assert.Equal((IcmpType.TimeExceeded, "203.0.113.1", "198.51.100.7"), Assert.Single(Told()));
    }

    [Fact]
    public void He_is_where_answers_to_him_go_that_way()
    {
        _world.Answer(_world.Wanted(), _ => _world.ByVpn, answers: [_world.ByNic]);
        Assert.Single(Told());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void He_is_not_where_a_VPN_or_a_kill_switch_has_him(bool isVpn)
    {
        _world.Answer(_ => isVpn ? _world.ByVpn : null, NoWay.Unreachable);
        Assert.Empty(Told());
    }

    [Fact]
    public void He_is_not_from_the_moment_when_routes_have_changed()
    {
        _world.Answer(_ => _world.ByNic);
        _world.Routes.Drop();
        Assert.Empty(Told());
        Assert.Equal("198.51.100.7", Assert.Single(_world.Wanted()).Destination.ToString());
    }

    /// <summary>What leaves about a packet of his that has made its hops.</summary>
    private List<(byte Type, string From, string To)> Told()
    {
        _world.Packets(Nic);
        _world.Packets(Vpn);
        var frame = FrameOf(Nic, NatPacket.Parse("udp 198.51.100.7:4000 > 203.0.113.1:5353").Build());
        frame[22] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), 0);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(24), (ushort)~Wire.Sum(frame.AsSpan(14, 20)));
        _world.Rig.Carry(Nic, frame);
        Assert.Empty(_world.Packets(Vpn));
        return _world.Packets(Nic).ConvertAll(packet => ReceivedIcmp.Of(packet)).ConvertAll(icmp => (icmp.Type, icmp.From, icmp.To));
    }
}
