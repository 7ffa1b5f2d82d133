using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

/// <summary>What a guest has counts for the port that it is behind, whatever addresses it writes.</summary>
public sealed class OwnerTests
{
    private const int Attacker = 1, Guest = 2;

    [Fact]
    public void Sixteen_source_addresses_at_one_port_have_one_quota()
    {
        using var rig = new NatRig(new NaptPolicy { MappingsPerOwner = 100, FlowsPerOwner = 1000 });
        for (var i = 0; i < 100; i++)
            rig.Out($"udp 10.0.0.{20 + i % 16}:{4000 + i} > 192.0.2.7:53", port: Attacker);
        for (var i = 0; i < 16; i++)
            rig.Out($"udp 10.0.0.{20 + i}:9000 > 192.0.2.7:53", port: Attacker);
        Assert.Equal((100, 16), (rig.Napt.Counters.Mappings, rig.Flows.Count(flow => flow.Overlapped)));
        for (var i = 0; i < 900; i++)
            rig.Out($"udp 10.0.0.{20 + i % 16}:{4000 + i % 16} > 192.0.2.8:{1000 + i}", port: Attacker);
        Assert.Equal((1000, 16), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
        // The address that it wrote is unharmed where it is at home.
        for (var i = 0; i < 100; i++)
            rig.Out($"udp 10.0.0.20:{6000 + i} > 192.0.2.7:53", port: Guest);
        Assert.Equal((1100, 16), (rig.Napt.Counters.Flows, rig.Flows.Count(flow => flow.Overlapped)));
    }

    [Fact]
    public void Flows_on_another_guests_mapping_count_for_the_port_that_began_them()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", port: Guest).SourcePort;
        for (var i = 0; i < 10; i++)
            Assert.Equal(port, rig.Out($"udp 10.0.0.5:4000 > 192.0.2.8:{1000 + i}", port: Attacker).SourcePort);
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.8:53", port: Attacker);
        for (var i = 0; i < 9; i++)
            rig.Out($"udp 10.0.0.5:4000 > 192.0.2.9:{1000 + i}", port: Guest);
        Assert.Equal((20, 1), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.9:53", port: Guest);
        // Each has given up the oldest of its own.
        Assert.Equal((20, 2), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
        Assert.DoesNotContain(rig.Flows, flow => flow.RemotePort is 1000 && flow.Remote.ToString() == "192.0.2.8");
        Assert.DoesNotContain(rig.Flows, flow => flow.Remote.ToString() == "192.0.2.7");
    }

    [Fact]
    public void Flows_that_outsiders_begin_count_for_the_port_that_made_the_mapping()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10, Filtering = NaptFiltering.EndpointIndependent });
        var mine = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", port: Guest).SourcePort;
        var others = rig.Out("udp 10.0.0.6:4000 > 192.0.2.7:53", port: Attacker).SourcePort;
        for (var i = 0; i < 5; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.1:{others}");
        rig.In($"udp 198.51.100.1:2000 > 203.0.113.1:{others}");
        rig.In($"udp 198.51.100.1:2000 > 203.0.113.1:{mine}");
        Assert.Equal([1001, 1002, 1003, 1004, 2000, 2000],
            rig.Flows.Where(flow => flow.FromOutside).Select(flow => (int)flow.RemotePort).Order());
        for (var i = 0; i < 5; i++)
            rig.Out($"udp 10.0.0.6:4000 > 192.0.2.8:{1000 + i}", port: Attacker);
        // What a stranger began goes before what the guest has.
        Assert.Equal([1002, 1003, 1004, 2000, 2000],
            rig.Flows.Where(flow => flow.FromOutside).Select(flow => (int)flow.RemotePort).Order());
    }

    [Fact]
    public void Flows_by_a_forward_count_for_its_inside_address()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        rig.Napt.SetForwards(
            0, [new(new(IpProtocol.Udp, 80, 80), new(0x0A00_0005), 80), new(new(IpProtocol.Udp, 81, 81), new(0x0A00_0006), 80)], rig.Now);
        for (var i = 0; i < 5; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.1:80");
        rig.In("udp 198.51.100.1:2000 > 203.0.113.1:80");
        rig.In("udp 198.51.100.1:2000 > 203.0.113.1:81");
        Assert.Equal((6, 1), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.5:80 > 192.0.2.8:{1000 + i}", port: Guest);
    }

    /// <summary>The answer comes after the flow of who asked was given up for the next.</summary>
    [Theory]
    [InlineData("udp", "", "")]
    [InlineData("tcp", " S seq=100", " FA seq=900 ack=101")]
    public void Late_answers_by_a_forward_count_for_what_outsiders_began(string protocol, string question, string answer)
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        rig.Napt.SetForwards(0, [new(new(protocol == "udp" ? IpProtocol.Udp : IpProtocol.Tcp, 80, 80), new(0x0A00_0005), 8080)], rig.Now);
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:53", port: Guest);
        for (var i = 0; i < 100; i++)
            rig.In($"{protocol} 198.51.100.1:{1000 + i} > 203.0.113.1:80{question}");
        for (var i = 0; i < 100; i++)
            Assert.Equal(80, rig.Out($"{protocol} 10.0.0.5:8080 > 198.51.100.1:{1000 + i}{answer}", port: Guest).SourcePort);
        // The last five who asked, and five that were answered late.
        Assert.Equal((10, 10), (rig.Flows.Count(flow => !flow.FromOutside), rig.Flows.Count(flow => flow.FromOutside)));
    }

    /// <summary>At which address they have asked isn't known any more.</summary>
    [Fact]
    public void Late_answers_by_a_forward_for_one_address_take_nothing_of_the_guest_s_own()
    {
        using var rig = Named(IpProtocol.Udp);
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:53", port: Guest);
        for (var i = 0; i < 100; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.2:80");
        ushort[] ports =
            [.. Enumerable.Range(0, 100).Select(i => rig.Out($"udp 10.0.0.5:8080 > 198.51.100.1:{1000 + i}", port: Guest).SourcePort)];
        // One of the pool, but for the last who asked.
        Assert.Single(ports[..95].Distinct());
        Assert.All(ports[95..], port => Assert.Equal(80, port));
        Assert.Equal((10, 10), (rig.Flows.Count(flow => !flow.FromOutside), rig.Flows.Count(flow => flow.FromOutside)));
        Assert.Equal(11, rig.Napt.Counters.Mappings);
        rig.Wait(301);
        rig.Sweep();
        Assert.Equal((0, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.Mappings));
        // Nothing of it counts for anybody any more.
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.5:{4000 + i} > 192.0.2.7:53", port: Guest);
        Assert.Equal(10, rig.Flows.Count);
    }

    [Fact]
    public void Late_answers_of_a_connection_by_a_forward_for_one_address_wait_for_who_asked()
    {
        using var rig = Named(IpProtocol.Tcp);
        Assert.Equal(DropReason.NatUnmatched, rig.Outbound("tcp 10.0.0.5:8080 > 198.51.100.1:1000 A seq=900 ack=101", port: Guest).Drop);
        Assert.Empty(rig.Flows);
        rig.In("tcp 198.51.100.1:1000 > 203.0.113.2:80 A seq=101 ack=900");
        Assert.Equal("tcp 203.0.113.2:80 > 198.51.100.1:1000 A",
            rig.Out("tcp 10.0.0.5:8080 > 198.51.100.1:1000 A seq=900 ack=101", port: Guest).ToString());
        // What it opens itself is its own.
        Assert.NotEqual(80, rig.Out("tcp 10.0.0.5:8080 > 192.0.2.7:443 S seq=1", port: Guest).SourcePort);
        Assert.Single(rig.Flows, flow => !flow.FromOutside);
    }

    [Theory]
    [InlineData("udp", "", "")]
    [InlineData("tcp", " S seq=100", " A seq=900 ack=101")]
    public void Answers_that_another_guest_forges_keep_nobody_from_a_forward(string protocol, string question, string answer)
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        rig.Napt.SetForwards(0, [new(new(protocol == "udp" ? IpProtocol.Udp : IpProtocol.Tcp, 80, 80), new(0x0A00_0005), 8080)], rig.Now);
        for (var i = 0; i < 5; i++)
            rig.In($"{protocol} 198.51.100.1:{1000 + i} > 203.0.113.1:80{question}");
        for (var i = 0; i < 1_000; i++)
            rig.Out($"{protocol} 10.0.0.5:8080 > 192.0.2.9:{1000 + i}{answer}", port: Attacker);
        Assert.Equal(5, rig.Flows.Count(flow => flow.Remote.ToString() == "198.51.100.1"));
        Assert.Equal(10, rig.Flows.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mapping_counts_for_the_port_that_made_it_until_it_ends(bool isTaken)
    {
        using var rig = new NatRig(new NaptPolicy { MappingsPerOwner = 1 });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", port: Attacker).SourcePort;
        rig.Wait(200);
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.8:53", port: Guest);
        rig.Wait(101);
        rig.Sweep();
        Assert.Equal("192.0.2.8", Assert.Single(rig.Flows).Remote.ToString());
        rig.Out("udp 10.0.0.6:4002 > 192.0.2.7:53", port: Attacker);
        Assert.True(Overlaps(4002));
        rig.Out("udp 10.0.0.5:5000 > 192.0.2.8:53", port: Guest);
        Assert.False(Overlaps(5000));
        if (isTaken)
        {
            rig.Napt.SetForwards(0, [new(new(IpProtocol.Udp, port, port), Ipv4Address.Parse("10.0.0.9"), 60)], rig.Now);
        }
        else
        {
            rig.Wait(301);
            rig.Sweep();
        }
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.7:53", port: Attacker);
        rig.Out("udp 10.0.0.6:4001 > 192.0.2.7:53", port: Attacker);
        Assert.Equal((false, true), (Overlaps(4000), Overlaps(4001)));

        bool Overlaps(int port) => rig.Flows.Single(flow => flow.InsidePort == port).Overlapped;
    }

    [Fact]
    public void Ports_of_two_networks_with_the_same_number_have_quotas_of_their_own()
    {
        using var rig = new NatRig(new NaptPolicy { MappingsPerOwner = 1 }, new NaptPolicy { MappingsPerOwner = 1 });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", policy: 0, port: 1);
        rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:53", policy: 1, port: 1);
        Assert.DoesNotContain(rig.Flows, flow => flow.Overlapped);
        rig.Out("udp 10.0.0.5:4001 > 192.0.2.7:53", policy: 0, port: 1);
        Assert.Equal(4001, rig.Flows.Single(flow => flow.Overlapped).InsidePort);
    }

    /// <summary>A guest with ten flows at most, half of them for outsiders, and a forward at a second address.</summary>
    private static NatRig Named(byte protocol)
    {
        var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        var second = Ipv4Address.Parse("203.0.113.2");
        rig.Napt.SetAliases([new(second)], rig.Now, []);
        rig.Napt.SetForwards(0, [new(new(protocol, 80, 80), new(0x0A00_0005), 8080, second)], rig.Now);
        return rig;
    }

    [Fact]
    public void Who_gets_a_ports_slot_has_all_of_his_own_and_hears_nothing_of_the_others()
    {
        using var rig = new NatRig(
            new NaptPolicy { MappingsPerOwner = 10, FlowsPerOwner = 10, Filtering = NaptFiltering.EndpointIndependent });
        var others = rig.Out("udp 10.0.0.9:4000 > 192.0.2.7:53", port: Guest).SourcePort;
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", port: Attacker).SourcePort;
        for (var i = 0; i < 8; i++)
            rig.Out($"tcp 10.0.0.5:{5000 + i} > 192.0.2.7:80 S seq=1", port: Attacker);
        // On a port that is another's.
        Assert.Equal(others, rig.Out("udp 10.0.0.9:4000 > 192.0.2.8:53", port: Attacker).SourcePort);
        rig.Napt.EndFlowsOf(0, new HashSet<ushort> { Attacker }, rig.Now);
        Assert.Equal([("10.0.0.9", "192.0.2.7")], rig.Flows.Select(flow => (flow.Inside.ToString(), flow.Remote.ToString())));
        Assert.NotEqual(NaptVerdict.Translated, rig.Inbound($"udp 192.0.2.7:53 > 203.0.113.1:{port}").Verdict);
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.6:{6000 + i} > 192.0.2.7:53", port: Attacker);
        Assert.Equal((11, 0), (rig.Napt.Counters.Flows, rig.Napt.Counters.GivenUp));
    }
}
