using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Nat;

public sealed class FilteringTests
{
    [Theory]
    [InlineData(NaptFiltering.AddressAndPortDependent, "192.0.2.7:53", true)]
    [InlineData(NaptFiltering.AddressAndPortDependent, "192.0.2.7:54", false)]
    [InlineData(NaptFiltering.AddressAndPortDependent, "192.0.2.8:53", false)]
    [InlineData(NaptFiltering.AddressDependent, "192.0.2.7:53", true)]
    [InlineData(NaptFiltering.AddressDependent, "192.0.2.7:54", true)]
    [InlineData(NaptFiltering.AddressDependent, "192.0.2.8:53", false)]
    [InlineData(NaptFiltering.EndpointIndependent, "192.0.2.7:54", true)]
    [InlineData(NaptFiltering.EndpointIndependent, "192.0.2.8:99", true)]
    public void Filtering_decides_who_may_answer(NaptFiltering filtering, string remote, bool admitted)
    {
        using var rig = new NatRig(new NaptPolicy { Filtering = filtering });
        foreach (var (protocol, flags) in new[] { ("udp", ""), ("tcp", " S") })
        {
            var port = rig.Out($"{protocol} 10.0.0.5:4000 > 192.0.2.7:53{flags}").SourcePort;
            var result = rig.Inbound($"{protocol} {remote} > 203.0.113.1:{port}{flags}");
            Assert.Equal(admitted ? NaptVerdict.Translated : NaptVerdict.Dropped, result.Verdict);
            Assert.Equal(admitted ? DropReason.None : DropReason.NatFiltered, result.Drop);
            if (admitted)
                Assert.Equal($"{protocol} {remote} > 10.0.0.5:4000{flags}", result.Packet.ToString());
        }
    }

    [Fact]
    public void An_unsolicited_connection_gets_silence()
    {
        using var rig = new NatRig();
        var port = rig.Out("tcp 10.0.0.5:4000 > 192.0.2.7:80 S").SourcePort;
        Assert.Equal(NaptVerdict.Dropped, rig.Inbound($"tcp 198.51.100.1:80 > 203.0.113.1:{port} S").Verdict);
        Assert.Equal(NaptVerdict.NotOurs, rig.Inbound($"tcp 198.51.100.1:80 > 203.0.113.1:{port ^ 1} S").Verdict);
        Assert.Single(rig.Flows);
    }

    [Fact]
    public void An_address_is_admitted_until_the_last_flow_with_it_has_ended()
    {
        using var rig = new NatRig(new NaptPolicy { Filtering = NaptFiltering.AddressDependent });
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        rig.Wait(200);
        rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:54");
        rig.Wait(200);
        rig.Out("udp 10.0.0.5:4000 > 198.51.100.1:53");
        rig.Sweep();
        rig.In($"udp 192.0.2.7:99 > 203.0.113.1:{port}");
        rig.Wait(301);
        rig.Out("udp 10.0.0.5:4000 > 198.51.100.2:53");
        rig.Sweep();
        Assert.Equal(DropReason.NatFiltered, rig.Inbound($"udp 192.0.2.7:99 > 203.0.113.1:{port}").Drop);
    }

    [Fact]
    public void Hosts_behind_the_same_address_reach_each_other_by_it()
    {
        using var rig = new NatRig(new NaptPolicy(), new NaptPolicy());
        var first = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        var second = rig.Out("udp 10.1.0.6:5000 > 192.0.2.7:53", policy: 1).SourcePort;
        // Filtering holds inside too: the one at the other end must have sent as well.
        Assert.Equal(DropReason.NatFiltered, rig.Hairpin($"udp 10.0.0.5:4000 > 203.0.113.1:{second}").Drop);
        var result = rig.Hairpin($"udp 10.1.0.6:5000 > 203.0.113.1:{first}", policy: 1);
        Assert.Equal(0, result.Policy);
        Assert.Equal($"udp 203.0.113.1:{second} > 10.0.0.5:4000", result.Packet.ToString());
        result = rig.Hairpin($"udp 10.0.0.5:4000 > 203.0.113.1:{second}");
        Assert.Equal(1, result.Policy);
        Assert.Equal($"udp 203.0.113.1:{first} > 10.1.0.6:5000", result.Packet.ToString());
    }

    [Fact]
    public void A_forward_is_reached_from_inside_by_the_outside_address()
    {
        using var rig = new NatRig();
        rig.Napt.SetForwards(0, [new(new(IpProtocol.Tcp, 8080, 8080), Ipv4Address.Parse("10.0.0.9"), 80)], rig.Now);
        var there = rig.Hairpin("tcp 10.0.0.5:4000 > 203.0.113.1:8080 S seq=10");
        Assert.Equal(Ipv4Address.Parse("10.0.0.9"), there.Packet.Destination);
        Assert.Equal(NatRig.Outside, there.Packet.Source);
        var back = rig.Hairpin($"tcp 10.0.0.9:80 > 203.0.113.1:{there.Packet.SourcePort} SA seq=90 ack=11");
        Assert.Equal("tcp 203.0.113.1:8080 > 10.0.0.5:4000 SA", back.Packet.ToString());
        Assert.Equal(NaptVerdict.Translated, rig.Hairpin("tcp 10.0.0.5:4000 > 203.0.113.1:8080 A seq=11 ack=91").Verdict);
        Assert.All(rig.Flows, flow => Assert.Equal(NaptFlowState.Established, flow.State));
    }
}
