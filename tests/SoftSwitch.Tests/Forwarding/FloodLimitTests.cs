using SoftSwitch.Forwarding.Drops;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class FloodLimitTests
{
    [Theory]
    [InlineData(Broadcast)]
    [InlineData(Multicast)]
    [InlineData(0x0200_0000_0099)]
    public void What_a_port_brings_for_everybody_is_limited_and_what_is_for_one_station_is_not(ulong everybody)
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, Mac(2)));
        rig.Received(2);
        rig.Member(0).FloodLimit = 100;
        for (var i = 0; i < 150; i++)
        {
            rig.Send(0, Frame(everybody, Mac(1)));
            rig.Send(0, Frame(Mac(2), Mac(1)));
        }
        rig.Turn();
        Assert.Equal(100, rig.Received(2).Count);
        Assert.Equal(250, rig.Received(1).Count);
        Assert.Equal(50, rig.InDrops(0, DropReason.FloodLimit));
        rig.Now += TimeSpan.FromMilliseconds(500);
        for (var i = 0; i < 150; i++)
            rig.Send(0, Frame(everybody, Mac(1)));
        rig.Turn();
        Assert.Equal(50, rig.Received(2).Count);
    }

    [Fact]
    public void Who_floods_takes_nobody_elses()
    {
        using var rig = new Rig(ports: 3);
        rig.Member(0).FloodLimit = rig.Member(1).FloodLimit = 10;
        for (var i = 0; i < 50; i++)
            rig.Send(0, Frame(Broadcast, Mac(1)));
        for (var i = 0; i < 10; i++)
            rig.Send(1, Frame(Broadcast, Mac(2)));
        rig.Turn();
        Assert.Equal(0, rig.InDrops(1, DropReason.FloodLimit));
        Assert.Equal(20, rig.Received(2).Count);
    }

    [Fact]
    public void A_flooded_super_frame_counts_as_its_segments()
    {
        using var rig = new Rig(ports: 2);
        rig.Member(0).FloodLimit = 100;
        var spec = new PacketSpec { Destination = Broadcast, Source = Mac(1), Payload = 30_000 };
        for (var i = 0; i < 5; i++)
            rig.Send(0, spec.Build(isPartial: true), spec.Offload(1000));
        rig.Turn();
        Assert.Equal(90, rig.Received(1).Count);
        Assert.Equal(2, rig.InDrops(0, DropReason.FloodLimit));
    }
}
