using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Fragments that waited for the first of their packet, and for nothing: each is named in the end.</summary>
public sealed class LostFragmentTests
{
    [Theory]
    [InlineData(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53")]
    [InlineData(Uplink, "udp 198.51.100.7:53 > 203.0.113.1:20000")]
    public void Those_whose_first_one_never_comes(int from, string packet)
    {
        using var world = new WorldRig();
        foreach (var fragment in FragmentTests.Cut(NatPacket.Parse($"{packet} len=4000 ip=7"), 1480)[1..])
            world.Rig.Carry(from, FrameOf(from, fragment));
        world.Rig.Tick(world.Outside);
        Assert.Equal(0, world.Outside.Total().InDrops(DropReason.FragmentAlone));
        world.Rig.Now += TimeSpan.FromSeconds(31);
        world.Outside.Translator.Sweep(world.Rig.Now, 1);
        world.Rig.Tick(world.Outside);
        world.Rig.Tick(world.Outside);
        Assert.Equal(2, world.Outside.Total().InDrops(DropReason.FragmentAlone));
    }

    [Fact]
    public void Those_whose_first_one_is_refused_or_contradicts_them()
    {
        using var world = new WorldRig();
        var fragments = FragmentTests.Cut(NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53 len=4000 ip=7"), 1480);
        foreach (var fragment in fragments[1..])
            world.Rig.Carry(Guest0, FrameOf(Guest0, fragment));
        // Longer than the place that is left for it.
        var longer = FragmentTests.Cut(NatPacket.Parse("udp 10.10.0.5:4000 > 198.51.100.7:53 len=1992 ip=7"), 1488);
        world.Rig.Carry(Guest0, FrameOf(Guest0, longer[0]));
        world.Rig.Tick(world.Outside);
        Assert.Equal(2, world.Outside.Total().InDrops(DropReason.FragmentAlone));
        Assert.Equal(1, world.Rig.InDrops(Guest0, DropReason.FragmentMismatch));
    }
}
