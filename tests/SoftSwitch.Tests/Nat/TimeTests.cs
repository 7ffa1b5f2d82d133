using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Tests.Nat;

public sealed class TimeTests
{
    [Theory]
    [InlineData("udp 10.0.0.5:4000 > 192.0.2.7:53", "udp 192.0.2.7:53 > 203.0.113.1:{0}", 300)]
    [InlineData("udp 10.0.0.5:500 > 192.0.2.7:500", "udp 192.0.2.7:500 > 203.0.113.1:{0}", 300)]
    [InlineData("tcp 10.0.0.5:4000 > 192.0.2.7:80 S", "tcp 192.0.2.7:80 > 203.0.113.1:{0} SA", 240)]
    [InlineData("icmp 10.0.0.5 > 192.0.2.7 type=8 id=7", "icmp 192.0.2.7 > 203.0.113.1 type=0 id={0}", 60)]
    public void A_flow_lives_for_its_time_and_no_longer(string packet, string answer, int seconds)
    {
        using var rig = new NatRig();
        var text = string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, rig.Out(packet).SourcePort);
        rig.Wait(seconds);
        rig.Sweep();
        Assert.Equal(NaptVerdict.Translated, rig.Inbound(text).Verdict);

        using var other = new NatRig();
        text = string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, other.Out(packet).SourcePort);
        other.Wait(seconds + 1);
        Assert.NotEqual(NaptVerdict.Translated, other.Inbound(text).Verdict);
        other.Sweep();
        Assert.Equal(NaptVerdict.NotOurs, other.Inbound(text).Verdict);
        Assert.Equal((0, 0), (other.Napt.Counters.Flows, other.Napt.Counters.Mappings));
    }

    [Fact]
    public void Outbound_packets_keep_a_flow_and_inbound_ones_alone_do_not()
    {
        using var rig = new NatRig();
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5300").SourcePort;
        for (var i = 0; i < 3; i++)
        {
            rig.Wait(299);
            rig.Sweep();
            Assert.Equal(port, rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:5300").SourcePort);
        }
        for (var i = 0; i < 3; i++)
        {
            rig.Wait(100);
            rig.In($"udp 192.0.2.7:5300 > 203.0.113.1:{port}");
        }
        rig.Wait(1);
        Assert.NotEqual(NaptVerdict.Translated, rig.Inbound($"udp 192.0.2.7:5300 > 203.0.113.1:{port}").Verdict);
    }

    [Theory]
    // One question, or two at once, to a well-known port: over when they are answered.
    [InlineData("> < ", 53, 10)]
    [InlineData("> > < < ", 53, 10)]
    [InlineData("> + < ", 123, 10)]
    // Not answered; or asked again, as a QUIC client does in its handshake; or of a service of its own: who knows what comes.
    [InlineData("> > ", 53, 300)]
    [InlineData("> < > ", 443, 300)]
    [InlineData("> < > < < ", 443, 300)]
    [InlineData("> < ", 5353, 300)]
    public void A_question_that_a_well_known_port_has_answered_is_over_in_seconds(string conversation, int service, int seconds)
    {
        using var rig = new NatRig();
        var port = 0;
        foreach (var step in conversation.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == "+")
                rig.Wait(1);
            else if (step == ">")
                port = rig.Out($"udp 10.0.0.5:4000 > 192.0.2.7:{service}").SourcePort;
            else
                rig.In($"udp 192.0.2.7:{service} > 203.0.113.1:{port}");
        }
        rig.LastsFor(seconds - conversation.Count(step => step == '+'));
    }

    [Fact]
    public void A_question_to_a_forward_that_nobody_answers_lives_twenty_seconds()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(17, 53, 53), SoftSwitch.Packets.Ipv4Address.Parse("10.0.0.9"), 53)], rig.Now);
        rig.In("udp 198.51.100.1:99 > 203.0.113.1:53");
        rig.In("udp 198.51.100.1:98 > 203.0.113.1:53");
        rig.Out("udp 10.0.0.9:53 > 198.51.100.1:98");
        rig.Wait(11);
        Assert.Equal(99, Assert.Single(rig.Flows).RemotePort);
        rig.Wait(9);
        Assert.Single(rig.Flows);
        rig.Wait(1);
        Assert.Empty(rig.Flows);
    }

    [Fact]
    public void Outsiders_alone_keep_no_mapping_open()
    {
        using var rig = new NatRig(new NaptPolicy { Filtering = NaptFiltering.EndpointIndependent });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        for (var i = 0; i < 3; i++)
        {
            rig.Wait(100);
            rig.In($"udp 198.51.100.1:{i} > 203.0.113.1:{port}");
            rig.In($"udp 198.51.100.1:99 > 203.0.113.1:{port}");
        }
        rig.Wait(1);
        rig.Sweep();
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"udp 198.51.100.2:3 > 203.0.113.1:{port}").Verdict);
        Assert.NotEqual(NaptVerdict.Translated, rig.Inbound($"udp 198.51.100.1:2 > 203.0.113.1:{port}").Verdict);
        rig.Sweep();
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
        Assert.NotEqual(port, rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort);
    }

    [Fact]
    public void An_inside_host_that_answers_an_outsider_keeps_the_mapping()
    {
        using var rig = new NatRig(new NaptPolicy { Filtering = NaptFiltering.EndpointIndependent });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        rig.In($"udp 198.51.100.1:99 > 203.0.113.1:{port}");
        for (var i = 0; i < 5; i++)
        {
            rig.Wait(200);
            rig.Sweep();
            Assert.Equal(port, rig.Out("udp 10.0.0.5:4000 > 198.51.100.1:99").SourcePort);
        }
        rig.In($"udp 198.51.100.2:1 > 203.0.113.1:{port}");
        Assert.Equal(1, rig.Napt.Counters.Mappings);
    }

    [Fact]
    public void A_forwards_flow_is_kept_by_packets_from_outside()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(17, 514, 514), SoftSwitch.Packets.Ipv4Address.Parse("10.0.0.9"), 514)], rig.Now);
        for (var i = 0; i < 5; i++)
        {
            rig.In("udp 198.51.100.1:99 > 203.0.113.1:514");
            rig.Wait(20);
            rig.Sweep();
        }
        Assert.Equal(100u, Assert.Single(rig.Flows).Age);
        // Once it was answered, for as long as any.
        rig.Out("udp 10.0.0.9:514 > 198.51.100.1:99");
        rig.In("udp 198.51.100.1:99 > 203.0.113.1:514");
        for (var i = 0; i < 5; i++)
        {
            rig.Wait(200);
            rig.Sweep();
            rig.In("udp 198.51.100.1:99 > 203.0.113.1:514");
        }
        Assert.Equal(1100u, Assert.Single(rig.Flows).Age);
    }

    [Fact]
    public void A_mapping_keeps_its_port_while_one_of_its_flows_lives()
    {
        using var rig = new NatRig();
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        for (var i = 0; i < 20; i++)
        {
            rig.Wait(250);
            rig.Sweep();
            Assert.Equal(port, rig.Out($"udp 10.0.0.5:4000 > 192.0.2.8:{1000 + i}").SourcePort);
        }
        Assert.Equal(1, rig.Napt.Counters.Mappings);
        Assert.Equal(2, rig.Napt.Counters.Flows);
    }

    [Fact]
    public void Established_connections_live_two_hours_and_four_minutes_in_silence()
    {
        using var rig = new NatRig();
        var port = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        rig.Wait(7440);
        rig.Sweep();
        rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} A seq=5001 ack=1001");
        rig.Wait(7440);
        rig.Sweep();
        rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 A seq=1001 ack=5001");
        rig.Wait(7441);
        rig.Sweep();
        Assert.Empty(rig.Flows);
    }

    [Fact]
    public void Timeouts_are_the_networks_own()
    {
        using var rig = new NatRig(
            new NaptPolicy(),
            new NaptPolicy { UdpTimeout = TimeSpan.FromSeconds(120), TcpTransitoryTimeout = TimeSpan.FromSeconds(500),
                IcmpQueryTimeout = TimeSpan.FromSeconds(90) });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:53", policy: 1);
        rig.Out("tcp 10.1.0.5:4000 > 192.0.2.7:53 S", policy: 1);
        rig.Out("icmp 10.1.0.5 > 192.0.2.7 type=8 id=7", policy: 1);
        rig.Wait(90);
        Assert.Equal(4, rig.Flows.Count);
        rig.Wait(31);
        Assert.Equal([(0, 17), (1, 6)], rig.Flows.Select(flow => (flow.Policy, (int)flow.Protocol)));
    }

    [Fact]
    public void Timeouts_below_the_RFCs_floors_are_refused()
    {
        foreach (var policy in new NaptPolicy[]
        {
            new() { UdpTimeout = TimeSpan.FromSeconds(119) }, new() { TcpEstablishedTimeout = TimeSpan.FromSeconds(7439) },
            new() { TcpTransitoryTimeout = TimeSpan.FromSeconds(239) }, new() { IcmpQueryTimeout = TimeSpan.FromSeconds(59) },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => new NatRig(policy));
    }

    [Fact]
    public void A_flow_that_has_ended_begins_anew_without_a_sweep()
    {
        using var rig = new NatRig();
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53");
        rig.Wait(301);
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{port}");
        Assert.Equal(0u, Assert.Single(rig.Flows).Age);
        Assert.Equal((1, 1, 2), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings, rig.Napt.Counters.Began));
    }

    [Theory]
    [InlineData("< R seq=5001", NaptFlowState.Reset, 10)]
    [InlineData("< R seq=5002", NaptFlowState.Reset, 240)]
    [InlineData("< FA seq=5001 ack=1001", NaptFlowState.Closing, 240)]
    public void A_connection_that_was_silent_for_an_hour_has_its_time_from_its_end(string end, NaptFlowState state, int seconds)
    {
        using var rig = new NatRig();
        var port = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        rig.Wait(3600);
        rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{port} {end[2..]}");
        Assert.Equal(state, rig.StateOf(port));
        rig.Wait(seconds);
        rig.Sweep();
        Assert.Equal(state, rig.StateOf(port));
        rig.Wait(1);
        rig.Sweep();
        Assert.Empty(rig.Flows);
    }

    [Fact]
    public void Resets_keep_no_flow_alive()
    {
        using var rig = new NatRig();
        var open = rig.Connect("tcp 10.0.0.5:4000 > 192.0.2.7:80").SourcePort;
        var reset = rig.Connect("tcp 10.0.0.5:4001 > 192.0.2.7:80").SourcePort;
        for (var i = 0; i < 24; i++)
        {
            rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 R seq=99999");
            rig.In($"tcp 192.0.2.7:80 > 203.0.113.1:{reset} R seq=5002");
            rig.Wait(10);
        }
        Assert.Equal([240u, 240u], rig.Flows.Select(flow => flow.Idle));
        rig.Wait(1);
        Assert.Equal(open, Assert.Single(rig.Flows).OutsidePort);
    }
}
