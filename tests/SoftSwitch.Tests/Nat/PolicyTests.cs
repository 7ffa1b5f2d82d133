using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>Networks come, change and go while the flows of others live.</summary>
public sealed class PolicyTests
{
    private static readonly Ipv4Address Server = Ipv4Address.Parse("10.1.0.9");

    [Fact]
    public void A_network_comes_when_others_have_flows()
    {
        using var rig = new NatRig();
        var before = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        Assert.Equal(NaptVerdict.Prohibited, rig.Outbound("udp 10.7.0.5:4000 > 192.0.2.7:53", policy: 7).Verdict);
        rig.Napt.SetPolicy(7, new() { FirstPort = 40_000, LastPort = 40_009 }, rig.Now);
        Assert.False(rig.Napt.Claims(NatRig.Outside, IpProtocol.Udp, 39_999));
        Assert.True(rig.Napt.Claims(NatRig.Outside, IpProtocol.Udp, 40_009));
        var port = rig.Out("udp 10.7.0.5:4000 > 192.0.2.7:53", policy: 7).SourcePort;
        Assert.InRange(port, 40_000, 40_009);
        Assert.Equal(7, rig.Inbound($"udp 192.0.2.7:53 > 203.0.113.1:{port}").Policy);
        Assert.Equal("udp 192.0.2.7:53 > 10.0.0.5:4000", rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{before}").ToString());
    }

    [Fact]
    public void A_network_that_goes_takes_its_flows_with_it_and_nobody_elses()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy { MappingsPerOwner = 2, FirstPort = 40_000, LastPort = 40_009 });
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 22, 22), Ipv4Address.Parse("10.0.0.9"), 22)], rig.Now);
        rig.Napt.SetForwards(1, [new(new(IpProtocol.Tcp, 80, 81), Server, 80)], rig.Now);
        var stays = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:443").SourcePort;
        rig.In("tcp 192.0.2.7:999 > 203.0.113.1:22 S seq=1");
        var goes = rig.Connect("tcp 10.1.0.5:4000 > 192.0.2.7:443", policy: 1).SourcePort;
        rig.In("tcp 192.0.2.7:999 > 203.0.113.1:80 S seq=1");
        for (var i = 0; i < 4; i++)
            rig.Out($"udp 10.1.0.5:{4000 + i} > 192.0.2.7:5000", policy: 1, port: 9);
        rig.Out("icmp 10.1.0.5 > 192.0.2.7 type=8 id=7", policy: 1);
        Assert.Contains(rig.Flows, flow => flow.Overlapped);

        rig.Napt.RemovePolicy(1, rig.Now);
        Assert.Equal(new ushort[] { 22, stays }, rig.Flows.Select(flow => flow.OutsidePort).Order());
        Assert.Equal((2, 1), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
        rig.In($"tcp 192.0.2.7:443 > 203.0.113.1:{stays} A seq=5001 ack=1001");
        rig.In("tcp 192.0.2.7:999 > 203.0.113.1:22 S seq=1");
        // Outsiders get silence; hosts that go on sending are told.
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"tcp 192.0.2.7:443 > 203.0.113.1:{goes} A seq=5001 ack=1001").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("tcp 192.0.2.7:998 > 203.0.113.1:81 S seq=1").Verdict);
        Assert.False(rig.Napt.Claims(NatRig.Outside, IpProtocol.Tcp, goes) || rig.Napt.Claims(NatRig.Outside, IpProtocol.Tcp, 81));
        var refused = rig.Outbound("tcp 10.1.0.5:4000 > 192.0.2.7:443 A seq=1001 ack=5001", policy: 1);
        Assert.Equal((NaptVerdict.Prohibited, DropReason.NoRoute), (refused.Verdict, refused.Drop));
        Assert.Throws<ArgumentException>(() => rig.Napt.SetForwards(1, [], rig.Now));
        // Its forwards are free for another network.
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 80, 81), Ipv4Address.Parse("10.0.0.9"), 80)], rig.Now);
        Assert.Equal("tcp 192.0.2.7:999 > 10.0.0.9:80 S", rig.In("tcp 192.0.2.7:999 > 203.0.113.1:80 S seq=1").ToString());
    }

    [Fact]
    public void A_network_that_goes_gives_all_its_places_back()
    {
        var policy = new NaptPolicy { FirstPort = 40_000, LastPort = 40_199, MappingsPerOwner = 200 };
        using var rig = new NatRig(100, new NaptPolicy(), policy);
        var stays = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5000").SourcePort;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 99; i++)
                rig.Out($"udp 10.1.0.5:{4000 + i} > 192.0.2.7:5000", policy: 1, port: 9);
            Assert.Equal((100, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
            rig.Napt.RemovePolicy(1, rig.Now);
            rig.Napt.SetPolicy(1, policy, rig.Now);
        }
        Assert.Equal((1, 1), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
        rig.In($"udp 192.0.2.7:5000 > 203.0.113.1:{stays}");
    }

    [Fact]
    public void Nothing_of_a_network_that_went_comes_to_the_one_that_gets_its_number()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        // Of one packet that goes out, and of one that comes in, the first fragment has crossed; of a third, the others wait.
        var outbound = FragmentTests.Cut(NatPacket.Parse("udp 10.1.0.5:4000 > 192.0.2.7:5000 len=2000 ip=7"), 800);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(outbound[0], policy: 1).Verdict);
        var port = rig.Flows.Single().OutsidePort;
        var inbound = FragmentTests.Cut(NatPacket.Parse($"udp 192.0.2.7:5000 > 203.0.113.1:{port} len=2000 ip=8"), 800);
        Assert.Equal(NaptVerdict.Translated, rig.Inbound(inbound[0]).Verdict);
        var waiting = FragmentTests.Cut(NatPacket.Parse("udp 10.1.0.5:4000 > 192.0.2.7:5000 len=2000 ip=9"), 800);
        Assert.Equal(NaptVerdict.Held, rig.Outbound(waiting[1], policy: 1).Verdict);
        var others = FragmentTests.Cut(NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:5000 len=2000 ip=7"), 800);
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(others[0]).Verdict);

        rig.Napt.RemovePolicy(1, rig.Now);
        Assert.Equal(NaptVerdict.Prohibited, rig.Outbound(outbound[1], policy: 1).Verdict);
        rig.Napt.SetPolicy(1, new(), rig.Now);
        Assert.Equal(0, rig.Napt.Counters.HeldFragments);
        Assert.Equal(NaptVerdict.Held, rig.Outbound(outbound[1], policy: 1).Verdict);
        Assert.Equal(NaptVerdict.Held, rig.Inbound(inbound[1]).Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"udp 192.0.2.7:5000 > 203.0.113.1:{port}").Verdict);
        // The other network's packet goes on.
        Assert.Equal(NaptVerdict.Translated, rig.Outbound(others[1]).Verdict);
    }

    [Fact]
    public void A_changed_policy_keeps_the_flows_that_it_allows()
    {
        var before = new NaptPolicy { FirstPort = 20_000, LastPort = 20_009 };
        using var rig = new NatRig(before, before);
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 20_000, 20_000), Server, 60)], rig.Now);
        rig.In("udp 192.0.2.7:53 > 203.0.113.1:20000");
        var ports = Enumerable.Range(0, 8).Select(i => rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:5000").SourcePort).ToList();
        var others = rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:5000", policy: 1).SourcePort;
        // A lower limit ends nothing.
        rig.Napt.SetPolicy(0, before with { MappingsPerOwner = 1, FlowsPerOwner = 2 }, rig.Now);
        Assert.Equal(10, rig.Flows.Count);
        // A range that still covers what is in use does neither; of another, what isn't in it is somebody else's.
        rig.Napt.SetPolicy(0, before with { LastPort = 30_000 }, rig.Now);
        Assert.Equal(10, rig.Flows.Count);
        rig.Napt.SetPolicy(0, before with { FirstPort = 20_005, LastPort = 20_019 }, rig.Now);
        ushort[] left = [20_000, .. ports.Where(port => port >= 20_005), others];
        Assert.Equal(left.Order(), rig.Flows.Select(flow => flow.OutsidePort).Order());
        Assert.InRange(left.Length, 3, 9);
        for (var i = 0; i < 8; i++)
        {
            var port = rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:5000").SourcePort;
            Assert.InRange(port, 20_005, 20_019);
            Assert.True(port == ports[i] || ports[i] < 20_005, "a flow that the new range allows has moved");
        }
        rig.In("udp 192.0.2.7:53 > 203.0.113.1:20000");
        rig.In($"udp 192.0.2.7:5000 > 203.0.113.1:{others}");
    }

    [Fact]
    public void Flows_that_overlap_end_with_the_range_that_they_were_in()
    {
        var before = new NaptPolicy { MappingsPerOwner = 1, FirstPort = 20_000, LastPort = 20_001 };
        using var rig = new NatRig(before);
        var own = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5000").SourcePort;
        var overlapped = rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:5000").SourcePort;
        Assert.NotEqual(own, overlapped);
        rig.Napt.SetPolicy(0, before with { FirstPort = own, LastPort = own }, rig.Now);
        Assert.Equal(own, Assert.Single(rig.Flows).OutsidePort);
        rig.Napt.SetPolicy(0, before with { FirstPort = 30_000, LastPort = 30_001 }, rig.Now);
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
    }

    [Fact]
    public void A_changed_timeout_counts_for_flows_that_live()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5000");
        rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:5000", policy: 1);
        rig.Wait(200);
        rig.Napt.SetPolicy(0, new() { UdpTimeout = TimeSpan.FromSeconds(150) }, rig.Now);
        Assert.Equal(1, Assert.Single(rig.Flows).Policy);
    }

    [Fact]
    public void Changed_filtering_knows_to_whom_the_flows_that_live_have_sent()
    {
        var one = new NaptPolicy { FirstPort = 20_000, LastPort = 20_000 };
        using var rig = new NatRig(one, one with { Filtering = NaptFiltering.AddressDependent, FirstPort = 30_000, LastPort = 30_000 });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5000").SourcePort;
        var other = rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:5000", policy: 1).SourcePort;
        var strangers = 6000;
        // Twice, so that nothing is counted double and nothing stays counted.
        for (var round = 0; round < 2; round++)
        {
            Expect(port, "192.0.2.7", DropReason.NatFiltered);
            Set(NaptFiltering.AddressDependent);
            Expect(port, "192.0.2.7", DropReason.None);
            Expect(port, "192.0.2.8", DropReason.NatFiltered);
            Set(NaptFiltering.EndpointIndependent);
            Expect(port, "192.0.2.9", DropReason.None);
            Set(NaptFiltering.AddressAndPortDependent);
            // Nobody inside has answered them: they don't admit others.
            rig.Wait(30);
            rig.Sweep();
            Expect(other, "192.0.2.7", DropReason.None);
        }
        Set(NaptFiltering.AddressDependent);
        rig.Wait(301);
        rig.Sweep();
        Assert.Equal(port, rig.Out("udp 10.0.0.5:4000 > 192.0.2.8:5000").SourcePort);
        Expect(port, "192.0.2.7", DropReason.NatFiltered);

        void Set(NaptFiltering filtering) => rig.Napt.SetPolicy(0, one with { Filtering = filtering }, rig.Now);

        void Expect(ushort at, string stranger, DropReason drop) =>
            Assert.Equal(drop, rig.Inbound($"udp {stranger}:{strangers++} > 203.0.113.1:{at}").Drop);
    }

    [Fact]
    public void A_policy_that_cant_be_changes_nothing()
    {
        using var rig = new NatRig();
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Napt.SetPolicy(0, new() { UdpTimeout = TimeSpan.FromSeconds(119) }, rig.Now));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Napt.SetPolicy(1 << 14, new(), rig.Now));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Napt.SetPolicy(-1, new(), rig.Now));
        rig.Napt.RemovePolicy(3, rig.Now);
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        Assert.Single(rig.Flows);
    }
}
