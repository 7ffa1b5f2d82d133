using SoftSwitch.SystemTests.Peers;
using static SoftSwitch.SystemTests.HostNeighbor.Neighborhood;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>Host, guest and LAN reach each other, and what is between host and guest stays between them.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class ReachTests
{
    [Fact]
    public void Host_guest_and_station_reach_each_other_by_IPv4_and_IPv6()
    {
        Need.Tun();
        using var all = new Neighborhood();
        foreach (var (from, others) in new[]
        {
            (all.Host, new[] { GuestAddress, GuestAddress6, StationAddress, StationAddress6 }),
            (all.Guests, [HostAddress, HostAddress6, StationAddress, StationAddress6]),
            (all.Station, [HostAddress, HostAddress6, GuestAddress, GuestAddress6]),
        })
        {
            foreach (var other in others)
                Assert.True(Ping.Reaches(from, other), $"{from.Name} doesn't reach {other}");
        }
        var port = all.Switch!.Items("ports").Single(port => port.GetProperty("name").GetString() == Helper);
        Assert.Equal(("host", "up", HostMac, Helper), (
            port.GetProperty("kind").GetString(), port.GetProperty("state").GetString(),
            port.GetProperty("mac").GetString(), port.GetProperty("interface").GetString()));
        // The host has no other way to its guest than by its NIC.
        Assert.Contains("dev nic", all.Host.Check($"ip route get {GuestAddress}"));
        Assert.Contains($"{GuestAddress} lladdr {GuestMac}", all.Host.Check("ip neigh show dev nic"));
        Assert.DoesNotContain("inet", all.Host.Check($"ip -o addr show dev {Helper}"));
    }

    [Fact]
    public void TCP_runs_both_ways_with_default_offloads_and_none_of_it_is_on_the_wire()
    {
        Need.Tun();
        using var all = new Neighborhood();
        using var wire = new Capture(all.Station, "eth0", "in", "not arp and not icmp6", bytes: 128);
        Iperf.Delivers(all.Host, all.Guests, GuestAddress, bytes: Much);
        Iperf.Delivers(all.Host, all.Guests, GuestAddress6, reverse: true, bytes: Much);
        Iperf.Delivers(all.Guests, all.Host, HostAddress, bytes: Much);
        Assert.True(Iperf.Run(all.Host, all.Guests, GuestAddress, seconds: 1, udpMegabits: 50).Datagrams > 1000);
        Assert.True(Ping.Reaches(all.Host, GuestAddress, bytes: 4000));
        Iperf.Delivers(all.Host, all.Station, StationAddress);
        var file = wire.Stop();
        Assert.True(Tshark.Count(file, $"ip.dst == {StationAddress}") > 0);
        Assert.Equal(0, Tshark.Count(file, $"ip.addr == {GuestAddress} || ipv6.addr == {GuestAddress6}"));
    }

    [Fact]
    public void Frames_between_host_and_guest_are_not_seen_twice()
    {
        Need.Tun();
        using var all = new Neighborhood();
        using var host = new Capture(all.Host, "nic", "in", "arp or icmp6 or udp");
        using var guest = new Capture(all.Guests, "eth0", "in", "arp or icmp6 or icmp");
        all.Guests.Check($"ip neigh flush dev eth0");
        all.Host.Check($"ip neigh flush dev nic");
        Assert.True(Ping.Reaches(all.Guests, HostAddress));
        Assert.True(Ping.Reaches(all.Guests, HostAddress6));
        Assert.True(Ping.Reaches(all.Host, GuestAddress));
        Assert.True(Ping.Reaches(all.Host, GuestAddress6));
        Assert.True(Ping.Reaches(all.Host, StationAddress));
        string atHost = host.Stop(), atGuest = guest.Stop();
        // Who asks, asks again only if nobody answers. What the switch announces for the guest (RFC 5227, 3) is no question.
        Assert.Equal(1,
            Tshark.Count(atHost, $"arp.opcode == 1 && arp.src.proto_ipv4 == {GuestAddress} && arp.dst.proto_ipv4 == {HostAddress} && "
                + "eth.dst == ff:ff:ff:ff:ff:ff"));
        Assert.Equal(1, Tshark.Count(atGuest, $"arp.opcode == 1 && arp.dst.proto_ipv4 == {StationAddress}"));
        Assert.Equal(3, Tshark.Count(atGuest, $"icmpv6.type == 129"));
        // What host and station say to each other is no business of the guest.
        Assert.Equal(0, Tshark.Count(atGuest, $"icmp && ip.addr == {StationAddress}"));
    }

    [Fact]
    public void A_container_of_the_host_on_its_NIC_is_a_neighbor_as_well()
    {
        Need.Tun();
        using var all = new Neighborhood();
        using var container = new NetNs("container");
        all.Host.Check($"ip link add link nic name eth1 netns {container.Name} type macvlan mode bridge");
        container.Up("eth1");
        container.Address("eth1", "10.9.0.5/16");
        Assert.True(Ping.Reaches(container, GuestAddress));
        Assert.True(Ping.Reaches(all.Guests, "10.9.0.5"));
        Assert.True(Ping.Reaches(container, StationAddress));
        Assert.True(Ping.Reaches(all.Station, "10.9.0.5"));
        Iperf.Delivers(container, all.Guests, GuestAddress, bytes: Much);
        Iperf.Delivers(all.Guests, container, "10.9.0.5", bytes: Much);
    }
}
