using SoftSwitch.Forwarding.Nat;

namespace SoftSwitch.Tests.Nat;

/// <summary>A table that is full of flows when a network begins to filter by address: then each flow's remote end is noted.</summary>
public sealed class LateFilteringTests
{
    [Fact]
    public void A_filtering_that_comes_late_finds_a_place_for_every_flow_and_leaves_none_behind()
    {
        const int flows = 1000;
        NaptPolicy open = new() { Filtering = NaptFiltering.EndpointIndependent, FlowsPerOwner = flows, MappingsPerOwner = flows };
        using var rig = new NatRig(flows, open);
        var ports = Enumerable.Range(0, flows)
            .Select(i => rig.Out($"udp 10.0.{i % 8}.{i / 8}:{4000 + i} > 192.0.{2 + i / 200}.{i % 200}:{5000 + i}").SourcePort).ToList();
        Assert.Equal(flows, rig.Flows.Count);
        for (var round = 0; round < 20; round++)
        {
            rig.Napt.SetPolicy(0, open with { Filtering = NaptFiltering.AddressDependent }, rig.Now);
            if (round % 5 != 0)
                rig.Napt.SetPolicy(0, open, rig.Now);
        }
        rig.Napt.SetPolicy(0, open with { Filtering = NaptFiltering.AddressDependent }, rig.Now);
        for (var i = 0; i < flows; i++)
        {
            var known = $"192.0.{2 + i / 200}.{i % 200}:{5000 + i}";
            Assert.Equal(NaptVerdict.Translated, rig.Inbound($"udp {known} > 203.0.113.1:{ports[i]}").Verdict);
            Assert.NotEqual(NaptVerdict.Translated, rig.Inbound($"udp 192.0.9.9:9 > 203.0.113.1:{ports[i]}").Verdict);
        }
    }
}
