using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>What is lent behind a port, as its guard sees it: from the moment in which a client is told, until it is over.</summary>
public sealed class FollowedLeaseTests : IDisposable
{
    private readonly DhcpRig _net = new();
    private LentAddresses _lent;

    public FollowedLeaseTests() => _lent = _net.Leases.Follow(new HashSet<string> { _net.Rig.Port(0).Name })[_net.Rig.Port(0).Name];

    public void Dispose() => _net.Dispose();

    [Fact]
    public void An_offer_is_nothing_yet_and_what_is_given_back_nothing_any_more()
    {
        var offer = _net.Say(0, 1, DhcpMessageType.Discover);
        Assert.Empty(Lent());
        var address = offer[6..];
        _net.Say(0, 1, DhcpMessageType.Request, wish: address, server: DhcpRig.Server);
        Assert.Equal([address], Lent());
        _net.Say(0, 1, DhcpMessageType.Request, has: address);
        Assert.Equal([address], Lent());
        _net.Say(0, 1, DhcpMessageType.Release, has: address, server: DhcpRig.Server);
        Assert.Empty(Lent());
        Assert.Equal(address, _net.Boot(0, 1));
        Assert.Equal([address], Lent());
    }

    [Fact]
    public void Time_ends_it()
    {
        _net.Boot(0, 1);
        _net.Later(3599);
        Assert.Single(Lent());
        _net.Later(2);
        Assert.Empty(Lent());
    }

    [Fact]
    public void Who_declines_an_address_has_it_no_more()
    {
        var address = _net.Boot(0, 1);
        _net.Say(0, 1, DhcpMessageType.Decline, wish: address, server: DhcpRig.Server);
        Assert.Empty(Lent());
    }

    [Fact]
    public void Another_port_s_are_another_s()
    {
        var (own, other) = (_net.Boot(0, 1), _net.Boot(1, 2));
        Assert.Equal([own], Lent());
        Assert.NotEqual(own, other);
    }

    [Fact]
    public void Who_asks_later_finds_what_is_lent_and_what_nobody_asks_for_any_more_is_forgotten()
    {
        var (first, second) = (_net.Boot(1, 1), _net.Boot(1, 2));
        var (before, port) = (_lent, _net.Rig.Port(1).Name);
        _lent = _net.Leases.Follow(new HashSet<string> { port })[port];
        Assert.Equal(new[] { first, second }.Order(), Lent().Order());
        _net.Boot(0, 3);
        Assert.Empty(before.All);
        Assert.Same(_lent, _net.Leases.Follow(new HashSet<string> { port })[port]);
    }

    [Fact]
    public void An_address_that_the_network_gives_no_more_stays_for_its_time()
    {
        var address = _net.Boot(0, 1);
        _net.Leases.Scope = _net.Leases.Scope with { Taken = [Ipv4Address.Parse(address)] };
        Assert.Equal([address], Lent());
        _net.Later(3601);
        Assert.Empty(Lent());
    }

    private string[] Lent() => [.. _lent.All.Select(address => address.ToString())];
}
