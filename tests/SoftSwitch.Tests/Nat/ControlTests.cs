using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class ControlTests
{
    private static readonly Ipv4Address Server = Ipv4Address.Parse("10.0.0.9");

    [Fact]
    public void A_forward_leads_everybody_in_port_by_port()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 5000, 5009), Server, 60), new(new(IpProtocol.Tcp, 22, 22), Server, 22)], rig.Now);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal($"udp 192.0.2.{i}:9999 > 10.0.0.9:{60 + i}", rig.In($"udp 192.0.2.{i}:9999 > 203.0.113.1:{5000 + i}").ToString());
            Assert.Equal($"udp 203.0.113.1:{5000 + i} > 192.0.2.{i}:9999", rig.Out($"udp 10.0.0.9:{60 + i} > 192.0.2.{i}:9999").ToString());
            // What the server begins itself leaves by the same port.
            Assert.Equal(5000 + i, rig.Out($"udp 10.0.0.9:{60 + i} > 198.51.100.1:7000").SourcePort);
        }
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:9999 > 203.0.113.1:5010").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:9999 > 203.0.113.1:22").Verdict);
        Assert.Equal(DropReason.NatUnmatched, rig.Inbound("tcp 192.0.2.7:9999 > 203.0.113.1:22 R").Drop);
        Assert.Equal(0, rig.Napt.Counters.Mappings);
    }

    [Fact]
    public void Forwards_are_replaced_and_those_that_stay_keep_their_flows()
    {
        using var rig = new NatRig();
        NaptForward stays = new(new(IpProtocol.Udp, 5000, 5000), Server, 60), goes = new(new(IpProtocol.Udp, 5001, 5001), Server, 61);
        NaptForward moves = new(new(IpProtocol.Udp, 5002, 5002), Server, 62);
        rig.Napt.SetForwards(0, [stays, goes, moves], rig.Now);
        for (var port = 5000; port < 5003; port++)
            rig.In($"udp 192.0.2.7:9999 > 203.0.113.1:{port}");
        rig.Wait(5);
        rig.Napt.SetForwards(0, [stays, moves with { InsidePort = 70 }], rig.Now);
        Assert.Equal((5000, 5u), Assert.Single(rig.Flows.Select(flow => ((int)flow.OutsidePort, flow.Age))));
        Assert.Equal("udp 192.0.2.7:9999 > 10.0.0.9:70", rig.In("udp 192.0.2.7:9999 > 203.0.113.1:5002").ToString());
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.7:9999 > 203.0.113.1:5001").Verdict);
        rig.Napt.SetForwards(0, [], rig.Now);
        Assert.Empty(rig.Flows);
        Assert.InRange(rig.Out("udp 10.0.0.9:60 > 192.0.2.7:9999").SourcePort, 16_384, 29_999);
    }

    [Fact]
    public void A_forward_takes_its_port_from_a_guest()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000 });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Out("icmp 10.0.0.5 > 192.0.2.7 type=8 id=7");
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 20_000, 20_000), Server, 60)], rig.Now);
        Assert.Equal(IpProtocol.Icmp, Assert.Single(rig.Flows).Protocol);
        Assert.Equal("udp 192.0.2.7:53 > 10.0.0.9:60", rig.In("udp 192.0.2.7:53 > 203.0.113.1:20000").ToString());
        Assert.Equal(NaptVerdict.Prohibited, rig.Outbound("udp 10.0.0.5:4000 > 192.0.2.7:53").Verdict);
        Assert.Equal(1, rig.Napt.Counters.Mappings);
    }

    [Fact]
    public void A_forward_takes_a_port_whose_mapping_has_ended_and_was_not_swept_whole()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000, Filtering = NaptFiltering.EndpointIndependent });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Wait(200);
        rig.In("udp 192.0.2.8:53 > 203.0.113.1:20000");
        rig.Wait(101);
        rig.Napt.Sweep(rig.Now, 1);
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 20_000, 20_000), Server, 60)], rig.Now);
        Assert.Equal("udp 192.0.2.8:53 > 10.0.0.9:60", rig.In("udp 192.0.2.8:53 > 203.0.113.1:20000").ToString());
    }

    [Fact]
    public void Of_two_forwards_to_one_port_the_one_that_stays_is_where_the_server_speaks_from()
    {
        using var rig = new NatRig();
        NaptForward goes = new(new(IpProtocol.Udp, 53, 53), Server, 53), stays = goes with { From = new(IpProtocol.Udp, 5353, 5353) };
        rig.Napt.SetForwards(0, [goes, stays], rig.Now);
        rig.In("udp 192.0.2.7:9999 > 203.0.113.1:5353");
        Assert.Equal(53, rig.Out("udp 10.0.0.9:53 > 198.51.100.1:7000").SourcePort);
        rig.Napt.SetForwards(0, [stays], rig.Now);
        Assert.Equal(5353, rig.Out("udp 10.0.0.9:53 > 198.51.100.1:7000").SourcePort);
        Assert.Equal(5353, rig.Out("udp 10.0.0.9:53 > 192.0.2.7:9999").SourcePort);
    }

    [Fact]
    public void Two_forwards_to_one_port_both_lead_there()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 80, 80), Server, 80), new(new(IpProtocol.Tcp, 8080, 8080), Server, 80)], rig.Now);
        rig.In("tcp 192.0.2.7:1111 > 203.0.113.1:8080 S seq=1");
        Assert.Equal("tcp 203.0.113.1:8080 > 192.0.2.7:1111 SA", rig.Out("tcp 10.0.0.9:80 > 192.0.2.7:1111 SA seq=9 ack=2").ToString());
        rig.In("tcp 192.0.2.7:1112 > 203.0.113.1:80 S seq=1");
        Assert.Equal("tcp 203.0.113.1:80 > 192.0.2.7:1112 SA", rig.Out("tcp 10.0.0.9:80 > 192.0.2.7:1112 SA seq=9 ack=2").ToString());
        // The same client port by both can't be told apart inside.
        Assert.Equal(DropReason.NatUnmatched, rig.Inbound("tcp 192.0.2.7:1111 > 203.0.113.1:80 S seq=1").Drop);
    }

    [Theory]
    [InlineData(IpProtocol.Icmp, 10, 10, 10)]
    [InlineData(IpProtocol.Udp, 0, 10, 10)]
    [InlineData(IpProtocol.Udp, 10, 9, 10)]
    [InlineData(IpProtocol.Udp, 10, 20, 65_530)]
    [InlineData(IpProtocol.Udp, 5, 7, 10)]
    public void Forwards_that_cant_be_are_refused_and_change_nothing(byte protocol, int first, int last, int inside)
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        rig.Napt.SetForwards(1, [new(new(IpProtocol.Udp, 7, 7), Server, 60)], rig.Now);
        NaptForward forward = new(new(protocol, first, last), Server, (ushort)inside);
        Assert.Throws<ArgumentException>(() => rig.Napt.SetForwards(0, [forward], rig.Now));
        Assert.Equal(1, rig.Inbound("udp 192.0.2.7:53 > 203.0.113.1:7").Policy);
    }

    [Fact]
    public void Ports_that_the_host_has_are_left_to_it()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_003 });
        var ports = Enumerable.Range(0, 4).Select(i => rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:53").SourcePort).ToList();
        rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 S");
        rig.Napt.ExcludePorts(IpProtocol.Udp, [ports[1], ports[2]]);
        // Who has one already keeps it, for whomever he speaks to by it.
        Assert.Equal(5, rig.Flows.Count);
        rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{ports[1]}");
        Assert.Equal(ports[2], rig.Out("udp 10.0.0.5:4002 > 192.0.2.8:53").SourcePort);
        Assert.True(rig.Napt.IsHeld(IpProtocol.Udp, ports[1]));
        Assert.False(rig.Napt.IsHeld(IpProtocol.Tcp, ports[1]));
        rig.Wait(301);
        rig.Sweep();
        Assert.False(rig.Napt.IsHeld(IpProtocol.Udp, ports[1]));
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"udp 192.0.2.7:53 > 203.0.113.1:{ports[1]}").Verdict);
        ushort[] left = [.. Enumerable.Range(0, 2).Select(i => rig.Out($"udp 10.0.0.6:{4000 + i} > 192.0.2.7:53").SourcePort)];
        Assert.Equal([.. ports.Except([ports[1], ports[2]]).Order()], left.Order());
        rig.Napt.ExcludePorts(IpProtocol.Udp, [ports[2]]);
        Assert.Equal(ports[1], rig.Out("udp 10.0.0.6:4002 > 192.0.2.7:53").SourcePort);
    }

    [Fact]
    public void A_forwarded_port_that_the_host_hears_meanwhile_begins_nothing_and_what_has_begun_goes_on()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 40_000, 49_999), Ipv4Address.Parse("10.0.0.5"), 40_000)], rig.Now);
        rig.In("udp 192.0.2.7:5000 > 203.0.113.1:40123");
        rig.Napt.ExcludePorts(IpProtocol.Udp, [40_123]);
        rig.In("udp 192.0.2.7:5000 > 203.0.113.1:40123");
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.8:53 > 203.0.113.1:40123").Verdict);
        // From inside it doesn't come by the host.
        rig.In("udp 203.0.113.1:20000 > 203.0.113.1:40123");
        rig.In("udp 192.0.2.8:53 > 203.0.113.1:40124");
        rig.Napt.ExcludePorts(IpProtocol.Udp, []);
        rig.In("udp 192.0.2.8:53 > 203.0.113.1:40123");
    }

    [Fact]
    public void Where_the_host_has_just_spoken_a_forward_begins_nothing_from_outside_for_two_turns()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 40_000, 49_999), Ipv4Address.Parse("10.0.0.5"), 40_000)], rig.Now);
        var spoken = new SpokenPorts();
        rig.Napt.Spoken = spoken;
        rig.In("udp 192.0.2.7:5000 > 203.0.113.1:40123");
        spoken.Note(40_123);
        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Equal(NaptVerdict.NotOurs, rig.Inbound("udp 192.0.2.8:53 > 203.0.113.1:40123").Verdict);
            // What has begun goes on, and what comes from inside doesn't come by the host.
            rig.In("udp 192.0.2.7:5000 > 203.0.113.1:40123");
            rig.In($"udp 203.0.113.1:{20000 + turn} > 203.0.113.1:40123");
            rig.In($"udp 192.0.2.8:{53 + turn} > 203.0.113.1:40124");
            spoken.Age();
        }
        rig.In("udp 192.0.2.8:53 > 203.0.113.1:40123");
    }

    [Fact]
    public void A_guest_whose_ports_were_taken_gets_its_quota_back()
    {
        using var rig = new NatRig(new NaptPolicy { MappingsPerOwner = 2 });
        for (var round = 0; round < 5; round++)
        {
            var port = rig.Out($"udp 10.0.0.5:{4000 + round} > 192.0.2.7:53").SourcePort;
            var other = rig.Out($"udp 10.0.0.5:{5000 + round} > 192.0.2.7:53").SourcePort;
            Assert.Equal(2, rig.Flows.Count(flow => !flow.Overlapped));
            var overlapped = rig.Out("udp 10.0.0.5:6000 > 192.0.2.7:53").SourcePort;
            Assert.Equal(1, rig.Flows.Count(flow => flow.Overlapped));
            rig.Napt.SetForwards(0, [.. new[] { port, other, overlapped }.Distinct().Select(
                taken => new NaptForward(new(IpProtocol.Udp, taken, taken), Server, 60))], rig.Now);
        }
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
    }

    [Fact]
    public void A_port_that_flows_overlap_on_is_left_to_the_host_and_to_a_forward()
    {
        using var rig = new NatRig(new NaptPolicy { MappingsPerOwner = 1, FirstPort = 20_000, LastPort = 20_001 });
        var own = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        var shared = rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:53").SourcePort;
        rig.Napt.ExcludePorts(IpProtocol.Udp, [shared]);
        rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{shared}");
        rig.Wait(301);
        rig.Sweep();
        Assert.Equal(own, rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort);
        rig.Outbound("udp 10.0.0.5:4001 > 192.0.2.7:53");
        Assert.DoesNotContain(rig.Flows, flow => flow.OutsidePort == shared);
        rig.Napt.ExcludePorts(IpProtocol.Udp, []);
        rig.Wait(301);
        rig.Sweep();
        own = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        shared = rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:53").SourcePort;
        Assert.NotEqual(own, shared);
        Assert.Equal(shared, rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:53").SourcePort);
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, shared, shared), Server, 60)], rig.Now);
        Assert.Equal(own, Assert.Single(rig.Flows).OutsidePort);
        Assert.Equal("udp 192.0.2.7:53 > 10.0.0.9:60", rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{shared}").ToString());
    }

    [Fact]
    public void Flows_are_shown_as_they_are()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        var udp = rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:53", policy: 1).SourcePort;
        rig.Wait(10);
        var tcp = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        var ping = rig.Out("icmp 10.0.0.5 > 192.0.2.8 type=8 id=7").SourcePort;
        rig.Wait(3);
        rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{tcp} A seq=5001 ack=1001");
        Ipv4Address inside = Ipv4Address.Parse("10.0.0.5"), remote = Ipv4Address.Parse("192.0.2.7"), outside = NatRig.Outside;
        Assert.Equal(
            [
                new(1, IpProtocol.Udp, Ipv4Address.Parse("10.1.0.5"), 4000, outside, udp, remote, 53, NaptFlowState.Active, 13, 13,
                    false, false),
                new(0, IpProtocol.Tcp, inside, 4000, outside, tcp, remote, 80, NaptFlowState.Established, 3, 0, false, false),
                new(0, IpProtocol.Icmp, inside, 7, outside, ping, Ipv4Address.Parse("192.0.2.8"), 0, NaptFlowState.Active, 3, 3,
                    false, false),
            ],
            rig.Flows);
    }

    [Fact]
    public void Flows_of_networks_that_want_it_are_logged()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy { LogsFlows = true });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        var began = rig.Now;
        var port = rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:53", policy: 1).SourcePort;
        rig.Wait(301);
        rig.Sweep();
        Assert.True(rig.Log.TryRead(out var first));
        Assert.True(rig.Log.TryRead(out var second));
        Assert.False(rig.Log.TryRead(out _));
        var expected = new NaptLogEntry(
            began, true, NaptOwner.Of(1, 6, 0), IpProtocol.Udp, Ipv4Address.Parse("10.1.0.5"), 4000, NatRig.Outside, port,
            Ipv4Address.Parse("192.0.2.7"), 53);
        Assert.Equal(expected, first);
        Assert.Equal(expected with { Began = false, When = rig.Now }, second);
    }

    [Fact]
    public void A_log_that_nobody_reads_counts_what_it_loses_and_stops_nobody()
    {
        var log = new NaptFlowLog(100);
        using var napt = Translator.Of(
            new() { OutsideAddress = NatRig.Outside, Capacity = 1024, Log = log }, new NaptPolicy { LogsFlows = true });
        using var rig = new NatRig(napt);
        for (var i = 0; i < 200; i++)
            rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:53");
        // Half of the places are left for others.
        Assert.Equal(200 - 64, Lost(log).Single().Value);
        for (var i = 0; i < 64; i++)
            Assert.True(log.TryRead(out var entry) && entry.InsidePort == 4000 + i);
        Assert.False(log.TryRead(out _));
        rig.Out("udp 10.0.0.5:9000 > 192.0.2.7:53");
        Assert.True(log.TryRead(out var last) && last.InsidePort == 9000);
        Assert.Empty(Lost(log));
    }

    [Fact]
    public void Whoever_makes_more_flows_than_a_log_has_places_for_loses_only_his_own()
    {
        var log = new NaptFlowLog(128);
        using var napt = Translator.Of(
            new() { OutsideAddress = NatRig.Outside, Capacity = 4096, Log = log },
            new NaptPolicy { LogsFlows = true, FlowsPerOwner = 50 });
        using var rig = new NatRig(napt);
        Flood("udp 10.0.0.5");
        Flood("udp 10.0.0.6");
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.7:{4000 + i} > 192.0.2.7:53", port: 99);
        Flood("udp 10.0.0.5");
        var read = new List<NaptLogEntry>();
        while (log.TryRead(out var entry))
            read.Add(entry);
        Assert.Equal(10, read.Count(entry => entry.Owner.Port == 99));
        Assert.DoesNotContain(Lost(log).Keys, owner => owner.Port == 99);

        void Flood(string guest)
        {
            for (var i = 0; i < 400; i++)
                rig.Out($"{guest}:{4000 + i} > 192.0.2.7:53");
        }
    }

    private static Dictionary<NaptOwner, long> Lost(NaptFlowLog log)
    {
        var lost = new Dictionary<NaptOwner, long>();
        log.TakeLost(lost);
        return lost;
    }
}
