using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Frames;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.IpFrames;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Port 0 is the host's own interface, 10.9.0.1/24 and fd09::1/64, ports 1 and 2 are guests'.</summary>
public sealed class HostGateTests : IDisposable
{
    private const int Host = 0, Guest = 1, Other = 2;
    private const string Own = "10.9.0.1", GuestAddress = "10.9.0.9", Elsewhere = "192.0.2.7", Loopback = "127.0.0.1";
    private const string LinkLocal = "fe80::9", HostLinkLocal = "fe80::1", AllNodes = "ff02::1";

    private static readonly HostRules s_own = new([Ipv4Address.Parse(Own)], [new(Ipv4Address.Parse("10.9.0.0"), 24)],
        [Ipv6Address.Parse("fd09::1"), Ipv6Address.Parse(HostLinkLocal)], [Ipv6Subnet.Containing(Ipv6Address.Parse("fd09::1"), 64)]);

    private readonly HostGate _gate = new() { Rules = s_own };
    private readonly Rig _rig = new();

    public HostGateTests()
    {
        _rig.Add(station: new(Mac(1)), gate: _gate);
        _rig.Add();
        _rig.Add();
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(GuestAddress, Own, DropReason.None)]
    [InlineData(GuestAddress, "10.9.0.255", DropReason.None)]
    [InlineData(GuestAddress, "255.255.255.255", DropReason.None)]
    [InlineData(GuestAddress, "224.0.0.251", DropReason.None)]
    [InlineData(GuestAddress, "239.255.255.250", DropReason.None)]
    [InlineData("0.0.0.0", "255.255.255.255", DropReason.None)]
    [InlineData("0.0.0.0", "224.0.0.22", DropReason.None)]
    [InlineData(GuestAddress, Elsewhere, DropReason.NotForHost)]
    [InlineData(GuestAddress, "10.9.0.2", DropReason.NotForHost)]
    [InlineData(GuestAddress, "10.9.0.0", DropReason.NotForHost)]
    [InlineData(GuestAddress, "0.0.0.0", DropReason.NotForHost)]
    [InlineData(GuestAddress, "240.0.0.1", DropReason.NotForHost)]
    [InlineData(GuestAddress, Loopback, DropReason.LoopbackAddress)]
    [InlineData(GuestAddress, "127.255.255.254", DropReason.LoopbackAddress)]
    [InlineData(Loopback, Own, DropReason.LoopbackAddress)]
    [InlineData(Elsewhere, Own, DropReason.SourceOutsideSubnet)]
    [InlineData(Elsewhere, "255.255.255.255", DropReason.SourceOutsideSubnet)]
    [InlineData("0.0.0.0", Own, DropReason.SourceOutsideSubnet)]
    [InlineData("224.0.0.1", Own, DropReason.SourceOutsideSubnet)]
    [InlineData("255.255.255.255", Own, DropReason.SourceOutsideSubnet)]
    [InlineData("10.9.0.255", Own, DropReason.SourceOutsideSubnet)]
    [InlineData("10.9.0.0", Own, DropReason.SourceOutsideSubnet)]
    [InlineData(Own, Own, DropReason.SourceOutsideSubnet)]
    public void Of_IPv4_the_host_hears_neighbors_that_speak_to_its_address_there_or_to_all(string from, string to, DropReason drop)
    {
        ToHost(drop, EtherType.Ipv4, Ipv4(from, to));
        // Each fragment has the header that is judged, the first and the last.
        ToHost(drop, EtherType.Ipv4, Ipv4(from, to, fragment: 0x2000));
        ToHost(drop, EtherType.Ipv4, Ipv4(from, to, fragment: 2));
    }

    [Theory]
    [InlineData(LinkLocal, HostLinkLocal, DropReason.None)]
    [InlineData(LinkLocal, AllNodes, DropReason.None)]
    [InlineData(LinkLocal, "ff02::fb", DropReason.None)]
    [InlineData(LinkLocal, "ff02::1:ff00:1", DropReason.None)]
    [InlineData("::", "ff02::1:ff00:9", DropReason.None)]
    [InlineData("::", "ff02::16", DropReason.None)]
    [InlineData("fd09::9", "fd09::1", DropReason.None)]
    [InlineData("fd09::9", HostLinkLocal, DropReason.None)]
    [InlineData(LinkLocal, "2001:db8::1", DropReason.NotForHost)]
    [InlineData(LinkLocal, "fd09::2", DropReason.NotForHost)]
    [InlineData(LinkLocal, "ff05::2", DropReason.NotForHost)]
    [InlineData(LinkLocal, "ff0e::1", DropReason.NotForHost)]
    [InlineData(LinkLocal, "::", DropReason.NotForHost)]
    [InlineData(LinkLocal, "::ffff:127.0.0.1", DropReason.NotForHost)]
    [InlineData(LinkLocal, "::1", DropReason.LoopbackAddress)]
    [InlineData("::1", HostLinkLocal, DropReason.LoopbackAddress)]
    [InlineData("::", HostLinkLocal, DropReason.SourceOutsideSubnet)]
    [InlineData("2001:db8::9", HostLinkLocal, DropReason.SourceOutsideSubnet)]
    [InlineData("2001:db8::9", AllNodes, DropReason.SourceOutsideSubnet)]
    [InlineData("fd09::1", HostLinkLocal, DropReason.SourceOutsideSubnet)]
    [InlineData(HostLinkLocal, HostLinkLocal, DropReason.SourceOutsideSubnet)]
    [InlineData(HostLinkLocal, AllNodes, DropReason.SourceOutsideSubnet)]
    [InlineData("ff02::1", HostLinkLocal, DropReason.SourceOutsideSubnet)]
    public void Of_IPv6_it_hears_link_local_neighbors_and_those_of_its_subnet(string from, string to, DropReason drop)
    {
        ToHost(drop, EtherType.Ipv6, Ipv6(from, to));
        ToHost(drop, EtherType.Ipv6, Ipv6(from, to, IpProtocol.Fragment, [IpProtocol.Udp, 0, 0, 8, 0, 0, 0, 1, .. new byte[8]]));
    }

    [Theory]
    [InlineData(GuestAddress, Own, DropReason.None)]
    [InlineData("0.0.0.0", GuestAddress, DropReason.None)]
    [InlineData(GuestAddress, GuestAddress, DropReason.None)]
    [InlineData(GuestAddress, "10.9.0.77", DropReason.None)]
    [InlineData(Elsewhere, Own, DropReason.SourceOutsideSubnet)]
    [InlineData(Own, Own, DropReason.SourceOutsideSubnet)]
    [InlineData(GuestAddress, Elsewhere, DropReason.NotForHost)]
    [InlineData("0.0.0.0", Elsewhere, DropReason.NotForHost)]
    [InlineData(GuestAddress, Loopback, DropReason.LoopbackAddress)]
    [InlineData(Loopback, Own, DropReason.LoopbackAddress)]
    public void Of_ARP_it_hears_what_is_about_its_subnet(string sender, string target, DropReason drop)
    {
        ToHost(drop, EtherType.Arp, Arp(sender, target));
        ToHost(drop, EtherType.Arp, Arp(sender, target, ArpMessage.Reply));
        // Linux hears this kind of hardware on an Ethernet as well.
        ToHost(drop, EtherType.Arp, Arp(sender, target, hardware: 6));
    }

    [Theory]
    [InlineData(IcmpV6Type.RouterAdvertisement, DropReason.RouterPretended)]
    [InlineData(IcmpV6Type.Redirect, DropReason.RouterPretended)]
    [InlineData(133, DropReason.None)]
    [InlineData(135, DropReason.None)]
    [InlineData(136, DropReason.None)]
    [InlineData(128, DropReason.None)]
    public void No_guest_is_its_router(byte type, DropReason drop)
    {
        byte[] message = [type, 0, 0, 0, 0, 0, 0, 0];
        byte[][] chains =
        [
            [], [IpProtocol.HopByHopOptions], [IpProtocol.DestinationOptions], [IpProtocol.Fragment], [IpProtocol.Authentication],
            [IpProtocol.HopByHopOptions, IpProtocol.DestinationOptions, IpProtocol.Fragment, IpProtocol.DestinationOptions],
            [.. Enumerable.Repeat(IpProtocol.DestinationOptions, 16)],
        ];
        foreach (var chain in chains)
        {
            foreach (var to in new[] { AllNodes, HostLinkLocal })
                ToHost(drop, EtherType.Ipv6, Behind(chain, to, message));
            _gate.Rules = HostRules.OnLan;
            ToHost(drop, EtherType.Ipv6, Behind(chain, AllNodes, message));
            _gate.Rules = HostRules.OnLanWithRouters;
            ToHost(DropReason.None, EtherType.Ipv6, Behind(chain, AllNodes, message));
            _gate.Rules = s_own;
        }
        // More headers than anybody sends, and a chain that ends before the message.
        ToHost(DropReason.PacketMalformed, EtherType.Ipv6,
            Behind([.. Enumerable.Repeat(IpProtocol.DestinationOptions, 17)], AllNodes, message));
        ToHost(DropReason.PacketMalformed, EtherType.Ipv6, Behind([IpProtocol.Fragment], AllNodes, []));
    }

    [Theory]
    [InlineData(IcmpType.Redirect, DropReason.RouterPretended)]
    [InlineData(IcmpType.RouterAdvertisement, DropReason.RouterPretended)]
    [InlineData(IcmpType.Echo, DropReason.None)]
    public void No_guest_is_its_router_of_IPv4(byte type, DropReason drop)
    {
        byte[] message = [type, 1, 0, 0, 10, 9, 0, 9, .. new byte[28]];
        ToHost(drop, EtherType.Ipv4, Ipv4(GuestAddress, Own, IpProtocol.Icmp, message));
        ToHost(drop, EtherType.Ipv4, Ipv4(GuestAddress, Own, IpProtocol.Icmp, message, fragment: 0x2000));
        ToHost(drop, EtherType.Ipv4, Ipv4(GuestAddress, Own, IpProtocol.Icmp, message, options: [.. Enumerable.Repeat((byte)1, 40)]));
        // In a later fragment it is no type.
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4(GuestAddress, Own, IpProtocol.Icmp, message, fragment: 1));
    }

    [Fact]
    public void What_is_to_travel_on_from_the_host_ends_before_it()
    {
        foreach (var kind in new byte[] { 131, 137 })
        {
            ToHost(DropReason.SourceRouted, EtherType.Ipv4, Ipv4(GuestAddress, Own, options: [kind, 7, 4, 192, 0, 2, 7, 0]));
            ToHost(DropReason.SourceRouted, EtherType.Ipv4, Ipv4(GuestAddress, Own, options: [1, 148, 4, 0, 0, kind, 7, 4, 192, 0, 2, 7]));
        }
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4(GuestAddress, Own, options: [148, 4, 0, 0]));
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4(GuestAddress, Own, options: [0, 131, 3, 4]));
        ToHost(DropReason.SourceRouted, EtherType.Ipv6,
            Ipv6(LinkLocal, HostLinkLocal, IpProtocol.Routing, [IpProtocol.Udp, 2, 4, 1, .. new byte[28]]));
        ToHost(DropReason.None, EtherType.Ipv6,
            Ipv6(LinkLocal, HostLinkLocal, IpProtocol.Routing, [IpProtocol.Udp, 2, 4, 0, .. new byte[28]]));
    }

    [Fact]
    public void It_hears_nothing_else_and_no_VLAN()
    {
        var packet = Ipv4(GuestAddress, Own);
        foreach (var type in new ushort[] { 0x88B5, 0x8035, 0x8847, 0x8864, 0x0040 })
            ToHost(DropReason.NotHeardByHost, type, packet);
        ToHost(DropReason.NotHeardByHost, EtherType.Ipv4, packet, 100);
        ToHost(DropReason.NotHeardByHost, EtherType.Ipv4, packet, 0, 100);
        ToHost(DropReason.NotHeardByHost, EtherType.Ipv4, packet, 100, 0);
        // A tag that names no VLAN is taken off by the kernel, and behind it the same holds.
        ToHost(DropReason.None, EtherType.Ipv4, packet, 0xE000);
        ToHost(DropReason.NotForHost, EtherType.Ipv4, Ipv4(GuestAddress, Elsewhere), 0);
        ToHost(DropReason.RouterPretended, EtherType.Ipv6, Behind([], AllNodes, [IcmpV6Type.RouterAdvertisement, 0, 0, 0]), 0, 0);
        ToHost(DropReason.NotHeardByHost, EtherType.Ipv4, packet, 0, 0, 0);
    }

    [Fact]
    public void On_the_LAN_it_hears_what_any_machine_would_but_never_from_or_for_its_loopback()
    {
        _gate.Rules = HostRules.OnLan;
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4(Elsewhere, "198.51.100.1"));
        ToHost(DropReason.None, EtherType.Ipv6, Ipv6("2001:db8::9", "2001:db8::1"));
        ToHost(DropReason.None, EtherType.Arp, Arp(Elsewhere, "198.51.100.1"));
        ToHost(DropReason.None, 0x88B5, []);
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4(Elsewhere, Own), 100);
        foreach (var tags in new ushort[][] { [], [0], [100], [0, 0] })
        {
            ToHost(DropReason.LoopbackAddress, EtherType.Ipv4, Ipv4(Elsewhere, Loopback), tags);
            ToHost(DropReason.LoopbackAddress, EtherType.Ipv4, Ipv4(Loopback, Own), tags);
            ToHost(DropReason.LoopbackAddress, EtherType.Arp, Arp(Elsewhere, Loopback), tags);
            ToHost(DropReason.LoopbackAddress, EtherType.Ipv6, Ipv6(LinkLocal, "::1"), tags);
        }
        ToHost(DropReason.NotHeardByHost, EtherType.Ipv4, Ipv4(Elsewhere, Loopback), 0, 0, 0);
        ToHost(DropReason.LoopbackAddress, EtherType.Arp, Arp(Elsewhere, Loopback, hardware: 6));
    }

    [Theory]
    [InlineData(Own, DropReason.None)]
    [InlineData("0.0.0.0", DropReason.None)]
    [InlineData(GuestAddress, DropReason.RoutedByHost)]
    [InlineData(Elsewhere, DropReason.RoutedByHost)]
    [InlineData(Loopback, DropReason.RoutedByHost)]
    public void The_host_says_only_what_is_its_own(string from, DropReason drop)
    {
        FromHost(drop, EtherType.Ipv4, Ipv4(from, GuestAddress));
        FromHost(drop, EtherType.Ipv4, Ipv4(from, GuestAddress), 7);
        FromHost(drop, EtherType.Arp, Arp(from, GuestAddress));
        _gate.Rules = HostRules.OnLan;
        FromHost(DropReason.None, EtherType.Ipv4, Ipv4(from, GuestAddress));
    }

    [Theory]
    [InlineData(HostLinkLocal, DropReason.None)]
    [InlineData("fd09::1", DropReason.None)]
    [InlineData("::", DropReason.None)]
    [InlineData("fd09::2", DropReason.RoutedByHost)]
    [InlineData("2001:db8::1", DropReason.RoutedByHost)]
    public void The_host_says_only_what_is_its_own_by_IPv6(string from, DropReason drop) =>
        FromHost(drop, EtherType.Ipv6, Ipv6(from, LinkLocal));

    [Fact]
    public void What_the_host_says_beside_IP_is_its_own_and_what_it_routes_teaches_nothing()
    {
        FromHost(DropReason.None, 0x88B5, []);
        _rig.Carry(Host, Ethernet(Mac(9), Mac(77), EtherType.Ipv4, Ipv4(Elsewhere, GuestAddress)));
        Assert.Equal(1, _rig.InDrops(Host, DropReason.RoutedByHost));
        Assert.Equal(0, _rig.Bridge().Fdb.Lookup(Mac(77), _rig.Now));
    }

    [Fact]
    public void A_frame_for_all_reaches_the_others_when_the_host_doesn_t_hear_it()
    {
        foreach (var packet in new[] { Ipv4(Elsewhere, "255.255.255.255"), Ipv4(GuestAddress, "255.255.255.255") })
            _rig.Carry(Guest, Ethernet(Broadcast, Mac(9), EtherType.Ipv4, packet));
        Assert.Equal((1, 2), (_rig.Received(Host).Count, _rig.Received(Other).Count));
        Assert.Equal(1, _rig.InDrops(Guest, DropReason.SourceOutsideSubnet));
    }

    [Fact]
    public void What_is_for_a_stranger_is_not_for_the_host_whose_address_is_known()
    {
        _rig.Carry(Guest, Ethernet(Mac(99), Mac(9), EtherType.Ipv4, Ipv4(GuestAddress, "10.9.0.99")));
        Assert.Equal((0, 1, 0L), (_rig.Received(Host).Count, _rig.Received(Other).Count, _rig.Counters(Guest).InDropsTotal));
        // Behind a port of a LAN there may be anybody.
        _gate.Rules = HostRules.OnLan;
        _rig.Carry(Guest, Ethernet(Mac(99), Mac(9), EtherType.Ipv4, Ipv4(GuestAddress, "10.9.0.99")));
        Assert.Equal((1, 1), (_rig.Received(Host).Count, _rig.Received(Other).Count));
    }

    [Fact]
    public void Nobody_else_has_the_host_s_MAC()
    {
        _rig.Carry(Guest, Ethernet(Broadcast, Mac(1), EtherType.Arp, Arp(GuestAddress, Own)));
        Assert.Equal(1, _rig.InDrops(Guest, DropReason.SourceTaken));
    }

    [Fact]
    public void Without_an_address_there_the_host_hears_link_local_neighbors_alone()
    {
        _gate.Rules = HostRules.NoAddress;
        ToHost(DropReason.SourceOutsideSubnet, EtherType.Ipv4, Ipv4(GuestAddress, Own));
        ToHost(DropReason.NotForHost, EtherType.Arp, Arp("0.0.0.0", Own));
        ToHost(DropReason.None, EtherType.Ipv6, Ipv6(LinkLocal, HostLinkLocal));
        FromHost(DropReason.RoutedByHost, EtherType.Ipv4, Ipv4(Own, GuestAddress));
    }

    [Fact]
    public void With_one_neighbor_at_most_there_is_no_address_for_all()
    {
        _gate.Rules = new([Ipv4Address.Parse("10.9.0.0")], [new(Ipv4Address.Parse("10.9.0.0"), 31)], [], []);
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4("10.9.0.1", "10.9.0.0"));
        ToHost(DropReason.NotForHost, EtherType.Ipv4, Ipv4("10.9.0.1", "10.9.0.1"));
    }

    [Fact]
    public void What_is_the_hosts_by_a_route_alone_is_its_address()
    {
        _gate.Rules = new([Ipv4Address.Parse(Own)], [new(Ipv4Address.Parse("10.9.0.0"), 24)], [], [])
        {
            Local4 = [new(Ipv4Address.Parse("192.0.2.0"), 24)],
        };
        ToHost(DropReason.None, EtherType.Ipv4, Ipv4(GuestAddress, Elsewhere));
        ToHost(DropReason.NotForHost, EtherType.Ipv4, Ipv4(GuestAddress, "192.0.3.7"));
        FromHost(DropReason.None, EtherType.Ipv4, Ipv4(Elsewhere, GuestAddress));
        FromHost(DropReason.RoutedByHost, EtherType.Ipv4, Ipv4("192.0.3.7", GuestAddress));
    }

    /// <summary>A port that lends its memory lets the same be read.</summary>
    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    public void What_is_lent_is_judged_too(int lendsFrom)
    {
        var guest = _rig.Add(lendsFrom: lendsFrom);
        _rig.Carry(guest, Ethernet(Mac(1), Mac(8), EtherType.Ipv4, Ipv4(GuestAddress, Own, payload: new byte[1000])));
        _rig.Carry(guest, Ethernet(Mac(1), Mac(8), EtherType.Ipv4, Ipv4(Elsewhere, Own, payload: new byte[1000])));
        _rig.Carry(guest, Ethernet(Mac(1), Mac(8), EtherType.Ipv6,
            Behind([.. Enumerable.Repeat(IpProtocol.DestinationOptions, 16)], HostLinkLocal, [IcmpV6Type.Redirect, 0, 0, 0])));
        _rig.Carry(guest, Ethernet(Mac(1), Mac(8), EtherType.Arp, Arp(GuestAddress, Own)));
        Assert.Equal(2, _rig.Received(Host).Count);
        Assert.Equal((1, 1), (_rig.InDrops(guest, DropReason.SourceOutsideSubnet), _rig.InDrops(guest, DropReason.RouterPretended)));
    }

    [Fact]
    public void Cut_short_anywhere_nothing_is_read_behind_the_end()
    {
        var chain = Behind([IpProtocol.HopByHopOptions, IpProtocol.Fragment], HostLinkLocal, [128, 0, 0, 0]);
        foreach (var (type, packet) in new[]
        {
            (EtherType.Ipv4, Ipv4(GuestAddress, Own, options: [1, 148, 4, 0])), (EtherType.Ipv6, chain),
            (EtherType.Arp, Arp(GuestAddress, Own)),
        })
        {
            foreach (var tags in new ushort[][] { [], [0], [0, 0] })
            {
                var frame = Ethernet(Mac(1), Mac(9), type, packet, tags);
                for (var length = 14; length <= frame.Length; length++)
                {
                    _rig.Carry(Guest, frame.AsSpan(0, length));
                    _rig.Carry(Host, Ethernet(Mac(9), Mac(1), type, packet, tags).AsSpan(0, length));
                }
            }
        }
        Assert.NotEmpty(_rig.Received(Host));
    }

    [Fact]
    public void What_a_station_of_ours_makes_is_judged_by_what_stands_in_it()
    {
        _rig.Add(new Speaker(Ethernet(Mac(1), Mac(7), EtherType.Ipv4, Ipv4(Elsewhere, Own))), 0);
        _rig.Carry(Guest, Ethernet(Mac(7), Mac(9), 0x88B5, new byte[46]));
        Assert.Single(_rig.Received(Host));
    }

    /// <summary>The headers, each of 8 bytes, and a message of ICMPv6.</summary>
    private static byte[] Behind(byte[] headers, string to, byte[] message)
    {
        var payload = new List<byte>();
        for (var i = 0; i < headers.Length; i++)
            payload.AddRange([i + 1 < headers.Length ? headers[i + 1] : IpProtocol.IcmpV6, .. headers[i] == IpProtocol.Fragment
                ? new byte[] { 0, 0, 1, 0, 0, 0, 1 } : [0, 1, 4, 0, 0, 0, 0]]);
        return Ipv6(LinkLocal, to, headers is [var first, ..] ? first : IpProtocol.IcmpV6, [.. payload, .. message]);
    }

    private void ToHost(DropReason drop, ushort type, byte[] packet, params ushort[] tags)
    {
        var before = drop == DropReason.None ? 0 : _rig.InDrops(Guest, drop);
        _rig.Carry(Guest, Ethernet(Mac(1), Mac(9), type, packet, tags));
        Assert.Equal(drop == DropReason.None ? 1 : 0, _rig.Received(Host).Count);
        if (drop != DropReason.None)
            Assert.Equal(before + 1, _rig.InDrops(Guest, drop));
    }

    private void FromHost(DropReason drop, ushort type, byte[] packet, params ushort[] tags)
    {
        var before = _rig.InDrops(Host, drop);
        _rig.Carry(Host, Ethernet(Broadcast, Mac(1), type, packet, tags));
        Assert.Equal(drop == DropReason.None ? 1 : 0, _rig.Received(Guest).Count);
        if (drop != DropReason.None)
            Assert.Equal(before + 1, _rig.InDrops(Host, drop));
    }

    /// <summary>Says the same whenever it is spoken to.</summary>
    private sealed class Speaker(byte[] frame) : InnerPort("speaker", new(Mac(7)), 1500, 1)
    {
        public override void Handle(Turn turn, FrameSet own, FrameSet heard)
        {
            Assert.True(turn.TryMake(frame.Length, out var made, out var index));
            frame.CopyTo(made[index].HeadBytes);
            turn.Send(made, index, this);
        }
    }
}
