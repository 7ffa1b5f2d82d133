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
            Assert.Equal(DropReason.NatQuota, rig.Outbound($"udp 10.0.0.{20 + i}:9000 > 192.0.2.7:53", port: Attacker).Drop);
        for (var i = 0; i < 900; i++)
            rig.Out($"udp 10.0.0.{20 + i % 16}:{4000 + i % 16} > 192.0.2.8:{1000 + i}", port: Attacker);
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.20:4000 > 192.0.2.9:53", port: Attacker).Drop);
        // The address that it wrote is unharmed where it is at home.
        for (var i = 0; i < 100; i++)
            rig.Out($"udp 10.0.0.20:{6000 + i} > 192.0.2.7:53", port: Guest);
    }

    [Fact]
    public void Flows_on_another_guests_mapping_count_for_the_port_that_began_them()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", port: Guest).SourcePort;
        for (var i = 0; i < 10; i++)
            Assert.Equal(port, rig.Out($"udp 10.0.0.5:4000 > 192.0.2.8:{1000 + i}", port: Attacker).SourcePort);
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.5:4000 > 192.0.2.8:53", port: Attacker).Drop);
        for (var i = 0; i < 9; i++)
            rig.Out($"udp 10.0.0.5:4000 > 192.0.2.9:{1000 + i}", port: Guest);
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.5:4000 > 192.0.2.9:53", port: Guest).Drop);
    }

    [Fact]
    public void Flows_that_outsiders_begin_count_for_the_port_that_made_the_mapping()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10, Filtering = NaptFiltering.EndpointIndependent });
        var mine = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", port: Guest).SourcePort;
        var others = rig.Out("udp 10.0.0.6:4000 > 192.0.2.7:53", port: Attacker).SourcePort;
        for (var i = 0; i < 5; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.1:{others}");
        Assert.Equal(DropReason.NatQuota, rig.Inbound($"udp 198.51.100.1:2000 > 203.0.113.1:{others}").Drop);
        rig.In($"udp 198.51.100.1:2000 > 203.0.113.1:{mine}");
        for (var i = 0; i < 4; i++)
            rig.Out($"udp 10.0.0.6:4000 > 192.0.2.8:{1000 + i}", port: Attacker);
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.6:4000 > 192.0.2.8:2000", port: Attacker).Drop);
    }

    [Fact]
    public void Flows_by_a_forward_count_for_its_inside_address()
    {
        using var rig = new NatRig(new NaptPolicy { FlowsPerOwner = 10 });
        rig.Napt.SetForwards(0, [new(IpProtocol.Udp, 80, 80, new(0x0A00_0005), 80), new(IpProtocol.Udp, 81, 81, new(0x0A00_0006), 80)], rig.Now);
        for (var i = 0; i < 5; i++)
            rig.In($"udp 198.51.100.1:{1000 + i} > 203.0.113.1:80");
        Assert.Equal(DropReason.NatQuota, rig.Inbound("udp 198.51.100.1:2000 > 203.0.113.1:80").Drop);
        rig.In("udp 198.51.100.1:2000 > 203.0.113.1:81");
        for (var i = 0; i < 10; i++)
            rig.Out($"udp 10.0.0.5:80 > 192.0.2.8:{1000 + i}", port: Guest);
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
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.6:4000 > 192.0.2.7:53", port: Attacker).Drop);
        rig.Out("udp 10.0.0.5:5000 > 192.0.2.8:53", port: Guest);
        if (isTaken)
        {
            rig.Napt.ExcludePorts(IpProtocol.Udp, [port], rig.Now);
        }
        else
        {
            rig.Wait(301);
            rig.Sweep();
        }
        rig.Out("udp 10.0.0.6:4000 > 192.0.2.7:53", port: Attacker);
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.6:4001 > 192.0.2.7:53", port: Attacker).Drop);
    }

    [Fact]
    public void Ports_of_two_networks_with_the_same_number_have_quotas_of_their_own()
    {
        using var rig = new NatRig(new NaptPolicy { MappingsPerOwner = 1 }, new NaptPolicy { MappingsPerOwner = 1 });
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53", policy: 0, port: 1);
        rig.Out("udp 10.1.0.5:4000 > 192.0.2.7:53", policy: 1, port: 1);
        Assert.Equal(DropReason.NatQuota, rig.Outbound("udp 10.0.0.5:4001 > 192.0.2.7:53", policy: 0, port: 1).Drop);
    }
}
