using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class LimitTests
{
    [Fact]
    public void When_the_ports_are_used_up_flows_overlap_toward_other_ends_and_then_new_ones_are_prohibited()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_099 });
        var ports = new Dictionary<int, ushort>();
        // Five want all there is: toward that end, an eighth is kept from them.
        for (var i = 0; i < 200; i++)
        {
            var syn = rig.Outbound($"tcp 10.0.0.{i % 5}:{4000 + i} > 192.0.2.7:80 S");
            Assert.Equal(ports.Count < 89, syn.Verdict == NaptVerdict.Translated);
            if (syn.Verdict == NaptVerdict.Translated)
                ports[i] = rig.Connect($"tcp 10.0.0.{i % 5}:{4000 + i} > 192.0.2.7:80").SourcePort;
        }
        Assert.Equal(89, ports.Values.Distinct().Count());
        Assert.Equal(111, rig.Napt.Counters.RefusedQuota);
        // Who wants little gets it, there as elsewhere; and so do they, elsewhere.
        for (var i = 0; i < 5; i++)
            rig.Connect($"tcp 10.0.1.{i}:4000 > 192.0.2.7:80");
        for (var i = 0; i < 60; i++)
            rig.Connect($"tcp 10.0.0.{i % 5}:{7000 + i} > 192.0.2.{8 + i % 5}:80");
        // Nobody has lost a connection, and each answer comes to whom it is for.
        foreach (var (i, port) in ports)
            Assert.Equal($"tcp 192.0.2.7:80 > 10.0.0.{i % 5}:{4000 + i} A",
                rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} A seq=5001 ack=1001").ToString());
        foreach (var flow in rig.Flows.Where(flow => flow.Overlapped))
            Assert.Equal($"tcp {flow.Remote}:80 > {flow.Inside}:{flow.InsidePort} A",
                rig.In($"tcp {flow.Remote}:80 > 203.0.113.1:{flow.OutsidePort} A seq=5001 ack=1001").ToString());
        Assert.Equal(89 + 5 + 60, rig.Flows.Count(flow => flow.State == NaptFlowState.Established));
        Assert.True(rig.Napt.Counters.Overlapped >= 20);
    }

    [Fact]
    public void An_overlapped_port_is_its_inside_ends_own_for_everybody_else()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000, Filtering = NaptFiltering.EndpointIndependent });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.8:53");
        Assert.Equal("udp 192.0.2.7:53 > 10.0.0.5:4000", rig.In("udp 192.0.2.7:53 > 203.0.113.1:20000").ToString());
        Assert.Equal("udp 192.0.2.8:53 > 10.0.0.6:4000", rig.In("udp 192.0.2.8:53 > 203.0.113.1:20000").ToString());
        // Strangers, and errors about what each has sent.
        Assert.Equal("udp 192.0.2.8:54 > 10.0.0.5:4000", rig.In("udp 192.0.2.8:54 > 203.0.113.1:20000").ToString());
        Assert.Equal((1, 1), (rig.Napt.Counters.Mappings, rig.Napt.Counters.Overlapped));
        // Its own way to that end is taken; the same way to another is its own port's.
        Assert.Equal(DropReason.NatPortsExhausted, rig.Outbound("udp 10.0.0.7:4000 > 192.0.2.7:53").Drop);
        Assert.Equal(DropReason.NatPortsExhausted, rig.Outbound("udp 10.0.0.7:4000 > 192.0.2.8:53").Drop);
        // When the port's mapping ends, the flow that overlaps goes on.
        rig.Wait(200);
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.8:53");
        rig.Wait(101);
        rig.Sweep();
        Assert.Equal("10.0.0.6", Assert.Single(rig.Flows).Inside.ToString());
        rig.Out("udp 10.0.0.7:4000 > 192.0.2.7:53");
        Assert.Equal("udp 192.0.2.8:53 > 10.0.0.6:4000", rig.In("udp 192.0.2.8:53 > 203.0.113.1:20000").ToString());
        Assert.Equal("udp 192.0.2.9:53 > 10.0.0.7:4000", rig.In("udp 192.0.2.9:53 > 203.0.113.1:20000").ToString());
    }

    /// <summary>Whose the port is goes the same way: what is in flight stays, what nobody has answered for some seconds gives
    /// way.</summary>
    [Theory]
    [InlineData(4, false)]
    [InlineData(5, true)]
    public void A_port_on_loan_is_given_back_after_some_seconds(int seconds, bool isGivenBack)
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000 });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.8:53");
        rig.Wait(seconds);
        Assert.Equal(isGivenBack ? NaptVerdict.Translated : NaptVerdict.Prohibited,
            rig.Outbound("udp 10.0.0.5:4000 > 192.0.2.8:53").Verdict);
        Assert.Equal(isGivenBack ? "10.0.0.5" : "10.0.0.6", rig.In("udp 192.0.2.8:53 > 203.0.113.1:20000").Destination.ToString());
    }

    [Fact]
    public void An_overlapped_flow_admits_nobody_by_its_address()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000, Filtering = NaptFiltering.AddressDependent });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.8:53");
        Assert.Equal(DropReason.NatFiltered, rig.Inbound("udp 192.0.2.8:54 > 203.0.113.1:20000").Drop);
        rig.In("udp 192.0.2.7:54 > 203.0.113.1:20000");
    }

    /// <summary>What is given up at the owner's limit of flows, and at that of the table: the least in worth first, the oldest of
    /// it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_a_limit_who_asks_gives_up_the_least_of_his_own(bool isTable)
    {
        using var rig = isTable ? new NatRig(capacity: 18, new NaptPolicy()) : new NatRig(new NaptPolicy { FlowsPerOwner = 15 });
        if (isTable)
        {
            rig.Connect("tcp 10.0.0.6:9999 > 192.0.2.7:80");
            for (var i = 0; i < 2; i++)
                rig.Out($"udp 10.0.0.6:{9000 + i} > 192.0.2.7:53");
        }
        // From the most to the least, so that it isn't age that decides.
        for (var i = 0; i < 5; i++)
            rig.Connect($"tcp 10.0.0.5:{1000 + i} > 192.0.2.7:80");
        for (var i = 0; i < 2; i++)
        {
            Ask(2000 + i, 5300, isAnswered: true);
            Ask(3000 + i, 53, isAnswered: false);
            rig.Out($"tcp 10.0.0.5:{4000 + i} > 192.0.2.7:80 S");
            Ask(5000 + i, 53, isAnswered: true);
            var port = rig.Connect($"tcp 10.0.0.5:{6000 + i} > 192.0.2.7:80").SourcePort;
            rig.Out($"tcp 10.0.0.5:{6000 + i} > 192.0.2.7:80 FA seq=1001 ack=5001");
            rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} FA seq=5001 ack=1002");
            rig.Out($"tcp 10.0.0.5:{6000 + i} > 192.0.2.7:80 A seq=1002 ack=5002");
        }
        var began = new List<int>();
        foreach (var goes in new[] { 6000, 6001, 5000, 5001, 4000, 4001, 3000, 3001, 2000, 2001 })
        {
            Assert.Contains(rig.Flows, flow => flow.InsidePort == goes);
            rig.Connect($"tcp 10.0.0.5:{7000 + began.Count} > 192.0.2.7:80");
            began.Add(7000 + began.Count);
            Assert.DoesNotContain(rig.Flows, flow => flow.InsidePort == goes);
            Assert.Equal(isTable ? 18 : 15, rig.Flows.Count);
        }
        // An established connection is given up for nothing.
        var refused = rig.Outbound("tcp 10.0.0.5:9000 > 192.0.2.7:80 S");
        Assert.Equal((NaptVerdict.Prohibited, isTable ? DropReason.NatTableFull : DropReason.NatQuota), (refused.Verdict, refused.Drop));
        Assert.Equal(isTable ? 16 : 15, rig.Flows.Count(flow => flow.State == NaptFlowState.Established));
        Assert.Equal(10, rig.Napt.Counters.GivenUp);

        void Ask(int from, int to, bool isAnswered)
        {
            var port = rig.Out($"udp 10.0.0.5:{from} > 192.0.2.7:{to}").SourcePort;
            if (isAnswered)
                rig.In($"udp 192.0.2.7:{to} > 203.0.113.1:{port}");
        }
    }

    [Fact]
    public void A_reset_that_was_not_believed_saves_the_connection_at_a_limit()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 3 });
        var first = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{first} R seq=5001");
        rig.Connect("tcp 10.0.0.5:4001 > 192.0.2.7:80");
        rig.Out("udp 10.0.0.5:4002 > 192.0.2.7:5300");
        rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 A seq=1001 ack=5001");
        rig.Out("udp 10.0.0.5:4003 > 192.0.2.7:5300");
        Assert.Equal([4000, 4001, 4003], rig.Flows.Select(flow => (int)flow.InsidePort).Order());
    }

    [Fact]
    public void A_conversation_by_UDP_is_kept_at_a_limit_and_one_that_only_listens_goes_last()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 100 });
        var call = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5300").SourcePort;
        rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:5300");
        for (var i = 0; i < 3; i++)
        {
            rig.In($"udp 192.0.2.7:5300 > 203.0.113.1:{call}");
            rig.Wait(1);
            rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5300");
            rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:5300");
        }
        for (var i = 0; i < 150; i++)
            rig.Out($"udp 10.0.0.5:{5000 + i} > 192.0.2.7:53");
        Assert.Contains(rig.Flows, flow => flow.InsidePort == 4000);
        Assert.Contains(rig.Flows, flow => flow.InsidePort == 4001);
        Assert.Equal(100, rig.Flows.Count);
    }

    /// <summary>Connections that open, say something and close, as an ordinary day has them; each from a new port to one of few
    /// ends.</summary>
    [Theory]
    [InlineData(20_000, 20_000, 1)]
    [InlineData(20_000, 20_000, 4)]
    [InlineData(30_000, 300, 1)]
    public void Short_connections_are_never_refused(int count, int perSecond, int ends)
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy());
        var other = rig.Connect("tcp 10.0.0.6:4000 > 192.0.2.7:80").SourcePort;
        for (var i = 0; i < count; i++)
        {
            var inside = $"tcp 10.0.0.5:{10_000 + i % 28_000} > 192.0.2.{7 + i % ends}:80";
            var port = rig.Connect(inside).SourcePort;
            rig.Out($"{inside} FA seq=1001 ack=5001");
            rig.In($"tcp 192.0.2.{7 + i % ends}:80 > 203.0.113.1:{port} FA seq=5001 ack=1002");
            rig.Out($"{inside} A seq=1002 ack=5002");
            if (i % perSecond == perSecond - 1)
            {
                rig.Wait(1);
                rig.Napt.Sweep(rig.Now, rig.Napt.SlotCount / 4);
            }
        }
        rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80");
        rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{other} A seq=5001 ack=1001");
        var counters = rig.Napt.Counters;
        Assert.Equal(0, counters.RefusedPorts + counters.RefusedQuota + counters.RefusedTable);
        Assert.Equal(0, counters.Overlapped);
    }

    [Theory]
    [InlineData(true, 30_000)]
    [InlineData(false, 80_000)]
    public void Questions_from_new_ports_are_never_refused(bool isAnswered, int count)
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy());
        for (var i = 0; i < count; i++)
        {
            var port = rig.Out($"udp 10.0.0.5:{1024 + i % 60_000} > 192.0.2.{7 + i / 60_000}:53").SourcePort;
            if (isAnswered)
                rig.In($"udp 192.0.2.{7 + i / 60_000}:53 > 203.0.113.1:{port}");
            if (i % 500 == 499)
            {
                rig.Wait(1);
                rig.Napt.Sweep(rig.Now, rig.Napt.SlotCount / 4);
            }
        }
        Assert.Equal(0, rig.Napt.Counters.RefusedPorts + rig.Napt.Counters.RefusedQuota);
        // The others get what they want.
        for (var i = 0; i < 200; i++)
            rig.Out($"udp 10.0.0.6:{4000 + i} > 192.0.2.7:53");
    }

    [Fact]
    public void Twenty_thousand_connections_of_one_guest_are_open_at_the_same_time()
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy());
        var ports = Enumerable.Range(0, 20_000).Select(i => rig.Connect($"tcp 10.0.0.5:{10_000 + i} > 192.0.2.{7 + i % 2}:80").SourcePort)
            .ToList();
        for (var i = 0; i < ports.Count; i++)
            Assert.Equal(10_000 + i, rig.In($"tcp 192.0.2.{7 + i % 2}:80 > 203.0.113.1:{ports[i]} A seq=5001 ack=1001").DestinationPort);
        // Ports of its own, with the same one for every destination, and a way to each, are left for others.
        for (var i = 0; i < 1000; i++)
            rig.Connect($"tcp 10.0.0.6:{10_000 + i} > 192.0.2.{7 + i % 2}:80");
        Assert.DoesNotContain(rig.Flows, flow => flow.Overlapped && flow.Inside.ToString() == "10.0.0.6");
    }

    [Fact]
    public void Forged_openings_by_a_forward_keep_no_client_out()
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy());
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 80, 80), Ipv4Address.Parse("10.0.0.9"), 8080)], rig.Now);
        var clients = 0;
        for (var i = 0; i < 150_000; i++)
        {
            // Two a second are honest: at first slow floods, then ones that fill the forward's share every few seconds.
            rig.In($"tcp 198.18.{i / 250 % 250}.{i % 250}:{1024 + i / 62_500} > 203.0.113.1:80 S seq=100");
            if (i % 3 == 0)
                rig.Out($"tcp 10.0.0.9:8080 > 198.18.{i / 250 % 250}.{i % 250}:{1024 + i / 62_500} SA seq=500 ack=101");
            var perSecond = i < 50_000 ? 500 : 10_000;
            if (i % perSecond == perSecond / 2)
            {
                rig.In($"tcp 192.0.2.7:{2000 + clients} > 203.0.113.1:80 S seq=100");
                rig.Out($"tcp 10.0.0.9:8080 > 192.0.2.7:{2000 + clients} SA seq=500 ack=101");
                rig.In($"tcp 192.0.2.7:{2000 + clients} > 203.0.113.1:80 A seq=101 ack=501");
                clients++;
            }
            if (i % perSecond == perSecond - 1)
            {
                rig.Wait(1);
                rig.Napt.Sweep(rig.Now, rig.Napt.SlotCount / 4);
            }
        }
        Assert.Equal(clients, rig.Flows.Count(flow => flow.State == NaptFlowState.Established));
        var counters = rig.Napt.Counters;
        Assert.Equal(0, counters.RefusedPorts + counters.RefusedQuota + counters.RefusedTable);
        Assert.InRange(counters.Flows, 0, 32_768);
        rig.Wait(21);
        Assert.Equal(clients, rig.Flows.Count);
    }

    /// <summary>A server that answers everybody: forged clients that speak again after its answer hold no place for good.</summary>
    [Theory]
    [InlineData(65_536, 9000)]
    [InlineData(1000, 100)]
    public void Strangers_conversations_by_a_forward_keep_no_client_out(int quota, int perSecond)
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy { FlowsPerOwner = quota });
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, 5353, 5353), Ipv4Address.Parse("10.0.0.9"), 5353)], rig.Now);
        var caller = 0;
        for (var i = 0; i < 3 * quota / 2; i++)
        {
            Ask($"198.18.{i % (quota / 2) / 250}.{i % 250}:4000");
            if (i % perSecond == perSecond / 2)
            {
                // One who comes, and waits for his answer while a hundred others come; and one who goes on.
                rig.In($"udp 192.0.2.7:{2000 + i / perSecond} > 203.0.113.1:5353");
                for (var other = 0; other < perSecond / 10; other++)
                    rig.In($"udp 198.19.{other / 250}.{other % 250}:{1000 + i % 60_000} > 203.0.113.1:5353");
                Assert.Contains(rig.Flows, flow => flow.RemotePort == 2000 + i / perSecond && flow.Remote.ToString() == "192.0.2.7");
            }
            if (i % (perSecond / 10) == 0)
                Ask("192.0.2.8:4000");
            if (i % perSecond == perSecond - 1)
                rig.Wait(1);
            caller += i % perSecond == 0 && i > 3 * perSecond
                ? rig.Flows.Count(flow => flow.Remote.ToString() == "192.0.2.8" && flow.Age > 3)
                : 0;
        }
        Assert.Equal(Enumerable.Range(0, 3 * quota / 2).Count(i => i % perSecond == 0 && i > 3 * perSecond), caller);
        Assert.Equal(0, rig.Napt.Counters.RefusedQuota);
        // The guest itself has its own half.
        for (var i = 0; i < quota / 2; i++)
            rig.Out($"udp 10.0.0.9:{10_000 + i % 4000} > 192.0.2.{10 + i / 4000}:53");

        void Ask(string client)
        {
            rig.In($"udp {client} > 203.0.113.1:5353");
            rig.Out($"udp 10.0.0.9:5353 > {client}");
        }
    }

    [Fact]
    public void Four_guests_at_their_quota_leave_the_fifth_what_it_wants()
    {
        using var rig = new NatRig(1 << 18, new NaptPolicy());
        for (var i = 0; i < 80_000; i++)
            rig.Out($"udp 10.0.0.{i % 4}:{1024 + i / 4} > 192.0.2.7:53");
        var ports = Enumerable.Range(0, 200).Select(i => rig.Out($"udp 10.0.0.9:{4000 + i} > 192.0.2.7:53").SourcePort).ToList();
        for (var i = 0; i < 200; i++)
            Assert.Equal($"udp 192.0.2.7:53 > 10.0.0.9:{4000 + i}", rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{ports[i]}").ToString());
        Assert.Equal(0, rig.Napt.Counters.RefusedPorts + rig.Napt.Counters.RefusedQuota);
    }

    [Fact]
    public void A_flood_toward_one_end_gives_up_its_own_oldest_and_older_flows_elsewhere_hide_none()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_099 });
        for (var i = 0; i < 20; i++)
            rig.Out($"tcp 10.0.0.5:{1000 + i} > 192.0.2.8:80 S");
        for (var i = 0; i < 2000; i++)
            rig.Out($"tcp 10.0.0.5:{2000 + i} > 192.0.2.7:80 S");
        Assert.Equal(20, rig.Flows.Count(flow => flow.Remote.ToString() == "192.0.2.8"));
        Assert.InRange(rig.Flows.Min(flow => (int)flow.InsidePort is var port && port >= 2000 ? port : 4000), 3850, 3999);
        // Another guest has his part of them all the while, one that comes late too.
        rig.Connect("tcp 10.0.0.6:4000 > 192.0.2.7:80");
    }

    [Fact]
    public void What_was_spent_a_second_ago_may_be_free_now()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_000 });
        rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80");
        for (var i = 0; i < 100; i++)
            Assert.Equal(DropReason.NatPortsExhausted, rig.Outbound($"tcp 10.0.0.6:{4000 + i} > 192.0.2.7:80 S").Drop);
        rig.In("tcp 192.0.2.7:80 > 203.0.113.1:20000 R seq=5001");
        rig.Wait(11);
        rig.Connect("tcp 10.0.0.6:4000 > 192.0.2.7:80");
    }

    [Fact]
    public void A_small_table_takes_a_burst_many_times_its_size()
    {
        using var rig = new NatRig(capacity: 100, new NaptPolicy());
        for (var i = 0; i < 20_000; i++)
            rig.Out($"udp 10.0.0.5:{1024 + i} > 192.0.2.7:53");
        Assert.Equal((100, 19_900), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
        // Another who comes has his part of it.
        for (var i = 0; i < 200; i++)
            rig.Out($"udp 10.0.0.6:{1024 + i} > 192.0.2.7:53");
        Assert.Equal((100, 50, 0),
            (rig.Napt.Counters.Flows, rig.Flows.Count(flow => flow.Inside.ToString() == "10.0.0.6"), rig.Napt.Counters.RefusedTable));
    }

    /// <summary>Two who want all, of one network or of a table that two share: a third who comes gets his part, whatever they
    /// hold.</summary>
    [Theory]
    [InlineData("silence", false)]
    [InlineData("silence", true)]
    [InlineData("calls", false)]
    [InlineData("calls", true)]
    [InlineData("connections", false)]
    [InlineData("connections", true)]
    public void Who_comes_to_a_full_table_gets_his_part(string what, bool isShared)
    {
        var policy = new NaptPolicy { FlowsPerOwner = 2000, Flows = isShared ? int.MaxValue : 4000, FirstPort = 1024, LastPort = 65_535 };
        using var rig = new NatRig(isShared ? 4000 : 1 << 14, policy, policy);
        for (var i = 0; i < 3000; i++)
        {
            for (var guest = 1; guest < 3; guest++)
            {
                var ends = $"10.0.0.{guest}:{10_000 + i % 100} > 192.0.2.{1 + i / 100}";
                if (what == "connections")
                    Open($"tcp {ends}:80");
                else if (what == "silence")
                    rig.Out($"udp {ends}:53");
                else if (i < 2000)
                    Ask($"udp {ends}:5300");
            }
        }
        rig.Wait(2);
        foreach (var call in rig.Flows.Where(flow => flow.RemotePort == 5300))
            rig.Out($"udp {call.Inside}:{call.InsidePort} > {call.Remote}:5300");
        for (var i = 0; i < 150; i++)
            rig.Connect($"tcp 10.{(isShared ? 1 : 0)}.0.3:{4000 + i} > 192.0.2.77:80", policy: isShared ? 1 : 0);
        Assert.Equal(150,
            rig.Flows.Count(flow => flow is { RemotePort: 80, State: NaptFlowState.Established } && flow.Inside.Value % 256 == 3));
        Assert.InRange(rig.Flows.Count, 3500, 4000);

        void Open(string ends)
        {
            if (rig.Outbound($"{ends} S seq=1000").Verdict == NaptVerdict.Translated)
                rig.Connect(ends);
        }

        void Ask(string ends)
        {
            var question = rig.Out(ends);
            rig.In($"udp {question.Destination}:5300 > 203.0.113.1:{question.SourcePort}");
        }
    }

    [Fact]
    public void A_port_rests_before_another_host_has_it_toward_the_same_end()
    {
        using var rig = new NatRig(new NaptPolicy { FirstPort = 20_000, LastPort = 20_007 });
        var used = new HashSet<ushort>();
        for (var i = 0; i < 4; i++)
        {
            var port = rig.Connect($"tcp 10.0.0.5:{4000 + i} > 192.0.2.7:80").SourcePort;
            used.Add(port);
            rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} R seq=5001");
            rig.Wait(11);
            rig.Sweep();
        }
        for (var i = 0; i < 3; i++)
            Assert.DoesNotContain(rig.Out($"tcp 10.0.0.6:{4000 + i} > 192.0.2.7:80 S").SourcePort, used);
    }

    [Fact]
    public void One_guest_that_opens_a_hundred_thousand_flows_harms_nobody()
    {
        using var rig = new NatRig(1 << 17, new NaptPolicy());
        var others = Enumerable.Range(0, 20).Select(i => rig.Out($"udp 10.0.0.{i + 10}:4000 > 192.0.2.7:53").SourcePort).ToList();
        for (var i = 0; i < 100_000; i++)
            rig.Outbound($"udp 10.0.0.5:{1024 + i % 60_000} > 192.0.2.{7 + i / 60_000}:53");
        Assert.Equal(4096 + 20, rig.Napt.Counters.Mappings);
        Assert.True(rig.Flows.Count(flow => flow.Inside.ToString() == "10.0.0.5") <= 65_536);
        foreach (var port in others)
            rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{port}");
        for (var i = 0; i < 2000; i++)
            rig.Out($"udp 10.0.0.6:{4000 + i} > 192.0.2.7:53");
    }

    [Fact]
    public void One_guest_has_so_many_flows_by_one_port()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 1000, Filtering = NaptFiltering.EndpointIndependent });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        // Strangers may begin half of them, and push each other out.
        for (var i = 0; i < 700; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.1:{port}");
        Assert.Equal(501, rig.Flows.Count);
        for (var i = 0; i < 499; i++)
            rig.Out($"udp 10.0.0.5:4000 > 192.0.2.8:{1000 + i}");
        Assert.Equal((1000, 200), (rig.Flows.Count, rig.Napt.Counters.GivenUp));
        // The guest's own push theirs out; theirs never the guest's.
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.9:1000");
        rig.In($"udp 198.51.100.1:9000 > 203.0.113.1:{port}");
        Assert.Equal((1000, 501), (rig.Flows.Count, rig.Flows.Count(flow => !flow.FromOutside)));
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.9:1000");
    }

    [Fact]
    public void Strangers_are_refused_where_a_guest_has_only_flows_of_its_own()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10, Filtering = NaptFiltering.EndpointIndependent });
        var port = 0;
        for (var i = 0; i < 10; i++)
            port = rig.Out($"udp 10.0.0.5:4000 > 192.0.2.7:{1000 + i}").SourcePort;
        var refused = rig.Inbound($"udp 198.51.100.1:9000 > 203.0.113.1:{port}");
        Assert.Equal((NaptVerdict.Dropped, DropReason.NatQuota), (refused.Verdict, refused.Drop));
        Assert.Equal(10, rig.Flows.Count);
    }

    [Fact]
    public void One_network_has_so_many_flows()
    {
        using var rig = new NatRig(new NaptPolicy { Flows = 10 }, new NaptPolicy());
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.{i}:4000 > 192.0.2.7:53");
        Assert.Equal(DropReason.NatTableFull, rig.Outbound("udp 10.0.0.99:4000 > 192.0.2.7:53").Drop);
        // All have one: who wants a second gives up his own.
        rig.Out("udp 10.0.0.9:4001 > 192.0.2.7:53");
        rig.Out("udp 10.0.0.9:4002 > 192.0.2.7:53");
        Assert.Equal(10, rig.Flows.Select(flow => flow.Inside).Distinct().Count());
        for (var i = 0; i < 20; i++)
            rig.Out($"udp 10.1.0.{i}:4000 > 192.0.2.7:53", policy: 1);
    }

    [Fact]
    public void Whatever_mappings_end_the_others_keep_their_ports()
    {
        using var rig = new NatRig(1 << 15, new NaptPolicy { FirstPort = 1024, LastPort = 65_535 });
        var random = new Random(5);
        var ports = new Dictionary<string, ushort>();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 8000; i++)
            {
                var inside = $"10.0.{random.Next(8)}.{random.Next(8)}:{1024 + random.Next(2000)}";
                var port = rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort;
                Assert.Equal(port, ports.GetValueOrDefault(inside, port));
                ports[inside] = port;
            }
            Assert.Equal(ports.Count, rig.Napt.Counters.Mappings);
            Assert.Equal(ports.Count, ports.Values.Distinct().Count());
            rig.Wait(200);
            foreach (var inside in ports.Keys.Where(_ => random.Next(3) > 0))
                Assert.Equal(ports[inside], rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort);
            rig.Wait(101);
            rig.Sweep();
            ports = rig.Flows.ToDictionary(flow => $"{flow.Inside}:{flow.InsidePort}", flow => flow.OutsidePort);
            foreach (var (inside, port) in ports)
                Assert.Equal(port, rig.Out($"udp {inside} > 192.0.2.7:53").SourcePort);
        }
    }

    [Fact]
    public void A_million_flows_fit()
    {
        using var rig = new NatRig(1 << 20, new NaptPolicy { FlowsPerOwner = 1 << 20, FirstPort = 1024, LastPort = 65_535 });
        const int flows = 1_000_000;
        var frame = NatPacket.Parse("udp 10.0.0.0:4000 > 192.0.2.7:53").Build();
        var ports = new Dictionary<uint, ushort>();
        for (uint i = 0; i < flows; i++)
            Assert.Equal(NaptVerdict.Translated, rig.Outbound(With(frame, i)).Verdict);
        Assert.Equal(flows, rig.Napt.Counters.Flows);
        Assert.Equal(0, rig.Napt.Counters.RefusedTable);
        // Slots, index, places; and 1,024 slots to spare.
        Assert.Equal(((64 + 32 + 12) << 20) + 1024 * (64 + 12), rig.Napt.FlowMemory);
        for (uint i = 0; i < flows; i++)
        {
            var outbound = rig.Outbound(With(frame, i));
            Assert.Equal(NaptVerdict.Translated, outbound.Verdict);
            if (i % 1000 == 0)
                Assert.Equal($"udp 192.0.2.7:{1000 + i / 250} > 10.0.0.{i % 250}:4000",
                    rig.In($"udp 192.0.2.7:{1000 + i / 250} > 203.0.113.1:{outbound.Packet.SourcePort}").ToString());
        }
        Assert.Equal(flows, rig.Napt.Counters.Began);
        rig.Wait(301);
        rig.Sweep();
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));

        static byte[] With(byte[] frame, uint number)
        {
            // Its checksums don't matter here, but that the header's is right: 250 hosts, each to 4,000 ports.
            frame[29] = (byte)(number % 250);
            var port = 1000 + number / 250;
            (frame[36], frame[37]) = ((byte)(port >> 8), (byte)port);
            (frame[24], frame[25]) = (0, 0);
            var sum = (ushort)~Forwarding.Wire.Sum(frame.AsSpan(14, 20));
            (frame[24], frame[25]) = ((byte)(sum >> 8), (byte)sum);
            (frame[40], frame[41]) = (0, 0);
            return frame;
        }
    }

    [Fact]
    public void A_storm_of_resets_ends_no_flow()
    {
        using var rig = new NatRig();
        var port = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            rig.Inbound($"tcp 192.0.2.7:80 > 203.0.113.1:{port} R seq={(uint)random.NextInt64(1L << 32)}");
            rig.Inbound($"tcp 198.51.100.{i % 200}:80 > 203.0.113.1:{port} R seq=5001");
        }
        // Should one have fitted, the host has not believed it and speaks on.
        rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 A seq=1001 ack=5001");
        rig.Wait(7000);
        rig.Sweep();
        Assert.Equal(NaptFlowState.Established, Assert.Single(rig.Flows).State);
    }
}
