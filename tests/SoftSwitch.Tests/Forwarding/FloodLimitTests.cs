using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Packets;
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
    public void Where_a_stream_takes_all_of_it_neighbors_still_find_each_other_but_not_without_end()
    {
        using var rig = new Rig(ports: 2);
        rig.Member(0).FloodLimit = 100;
        for (var i = 0; i < 200; i++)
            rig.Carry(0, Frame(Multicast, Mac(1)));
        Assert.Equal(100, rig.Received(1).Count);
        foreach (var type in new byte[] { 132, 133, 134, 135, 136, 137 })
        {
            var frame = Frame(Multicast, Mac(1), length: 90, type: EtherType.Ipv6);
            (frame[14], frame[20], frame[54]) = (0x60, 58, type);
            rig.Carry(0, frame);
        }
        rig.Carry(0, Frame(Broadcast, Mac(1), type: EtherType.Arp));
        Assert.Equal(5, rig.Received(1).Count);
        for (var i = 0; i < 2 * Limits.Discoveries.Most; i++)
            rig.Carry(0, Frame(Broadcast, Mac(1), type: EtherType.Arp));
        Assert.Equal(Limits.Discoveries.Most - 5, rig.Received(1).Count);
    }

    [Fact]
    public void A_super_frame_of_more_segments_than_the_limit_takes_all_of_it()
    {
        using var rig = new Rig(ports: 2);
        rig.Member(0).FloodLimit = 10;
        var spec = new PacketSpec { Destination = Broadcast, Source = Mac(1), Payload = 30_000 };
        for (var i = 0; i < 2; i++)
            rig.Send(0, spec.Build(isPartial: true), spec.Offload(1000));
        rig.Turn();
        Assert.Equal(30, rig.Received(1).Count);
        Assert.Equal(1, rig.InDrops(0, DropReason.FloodLimit));
    }

    [Fact]
    public void A_LAN_and_the_host_have_more_than_a_guest()
    {
        Assert.Equal(Limits.Floods.Most, new TapModel { Name = "a", Network = "n", Interface = "a" }.FloodLimit);
        Assert.Equal(Limits.FloodsOfLan.Most, new NicModel { Name = "a", Network = "n", Interface = "a" }.FloodLimit);
        Assert.Equal(Limits.FloodsOfLan.Most, new HostModel { Name = "a", Network = "n", Interface = "a" }.FloodLimit);
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
