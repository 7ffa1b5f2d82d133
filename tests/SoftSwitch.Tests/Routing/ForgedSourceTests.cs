using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A guest that sends from sixteen addresses of its network, and another one that needs what is left.</summary>
public sealed class ForgedSourceTests
{
    [Fact]
    public void One_port_with_sixteen_source_addresses_leaves_outside_ports_for_another_guest()
    {
        using var world = new WorldRig(policy: new() { FirstPort = 20_000, LastPort = 20_199, MappingsPerOwner = 100 });
        for (var i = 0; i < 400; i++)
            world.Say(Guest0, $"udp 10.10.0.{20 + i % 16}:{4000 + i} > 198.51.100.7:53");
        // Beyond its own ports its flows overlap, and push each other out.
        Assert.True(world.Heard(Uplink).Count > 100);
        AnotherGuestIsUnharmed(world, flows: 100, i => $"udp 10.10.0.6:{4000 + i} > 198.51.100.7:53");
    }

    [Fact]
    public void One_port_with_sixteen_source_addresses_leaves_flows_for_another_guest()
    {
        using var world = new WorldRig(policy: new() { FlowsPerOwner = 2048, MappingsPerOwner = 2048 });
        for (var i = 0; i < 5000; i++)
            world.Say(Guest0, $"udp 10.10.0.{20 + i % 16}:4000 > 198.51.100.7:{1000 + i}");
        // Beyond its quota its flows push each other out.
        Assert.True(world.Heard(Uplink).Count > 2048);
        AnotherGuestIsUnharmed(world, flows: 2048, i => $"udp 10.10.0.6:4000 > 198.51.100.7:{1000 + i}");
    }

    [Fact]
    public void One_port_that_begins_a_thousand_packets_keeps_no_other_from_its_own()
    {
        using var world = new WorldRig();
        var fragments = FragmentTests.Cut(NatPacket.Parse("udp 10.10.0.6:4000 > 198.51.100.7:53 len=2000"), 800);
        foreach (var i in new[] { 1, 0, 2 })
        {
            for (var j = 0; j < 1024; j++)
            {
                var begun = NatPacket.Parse($"udp 10.10.0.{20 + j % 16}:4000 > 198.51.100.8:53 len=2000 ip={i * 1024 + j}");
                world.Rig.Carry(Guest0, FrameOf(Guest0, FragmentTests.Cut(begun, 800)[0]));
            }
            world.Rig.Carry(Guest1, FrameOf(Guest1, fragments[i]));
        }
        Assert.Equal(3, world.Rig.Received(Uplink).Count(frame => Ipv4Address.Read(frame.Bytes.AsSpan(30)).ToString() == "198.51.100.7"));
    }

    private static void AnotherGuestIsUnharmed(WorldRig world, int flows, Func<int, string> packet)
    {
        for (var i = 0; i < flows; i++)
        {
            world.Say(Guest1, packet(i));
            var sent = Assert.Single(world.Heard(Uplink));
            Assert.Equal("203.0.113.1", sent.Source.ToString());
            world.Say(Uplink, $"udp {sent.Destination}:{sent.DestinationPort} > 203.0.113.1:{sent.SourcePort}");
            var answer = Assert.Single(world.Heard(Guest1));
            Assert.Equal("10.10.0.6", answer.Destination.ToString());
        }
    }
}
