using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Where the outside address is the host's too, the fragments of what the host is sent are heard as well.</summary>
public sealed class HostFragmentTests
{
    [Fact]
    public void What_the_host_is_sent_in_fragments_takes_no_place_from_a_guest_s()
    {
        using var world = new WorldRig(isShared: true);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var port = Assert.Single(world.Heard(Uplink)).SourcePort;
        var answer = FragmentTests.Cut(NatPacket.Parse($"udp 198.51.100.7:53 > 203.0.113.1:{port} len=4000 ip=9"), 1480);
        foreach (var fragment in answer[1..])
            world.Rig.Carry(Uplink, FrameOf(Uplink, fragment));
        // From the same server, before the answer's first fragment comes, 3,000 datagrams to a port of the host's.
        for (var i = 0; i < 3_000; i++)
        {
            var datagram = NatPacket.Parse($"udp 198.51.100.7:2049 > 203.0.113.1:700 len=2000 ip={100 + i}");
            foreach (var fragment in FragmentTests.Cut(datagram, 1480))
                world.Rig.Carry(Uplink, FrameOf(Uplink, fragment));
        }
        Assert.Equal(6_000, world.Rig.InDrops(Uplink, DropReason.NoFlow));
        world.Rig.Carry(Uplink, FrameOf(Uplink, answer[0]));
        Assert.Equal(answer.Count, world.Rig.Received(Guest0).Count);
    }
}
