using SoftSwitch.Forwarding.Drops;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class BridgeTests
{
    [Fact]
    public void A_frame_to_an_unknown_station_reaches_every_other_port_and_not_its_own()
    {
        using var rig = new Rig(ports: 4);
        var frame = Frame(Mac(9), Mac(1));
        rig.Carry(1, frame);
        Assert.Empty(rig.Received(1));
        foreach (var port in new[] { 0, 2, 3 })
            Assert.Equal(frame, Assert.Single(rig.Received(port)).Bytes);
        Assert.Equal(2, rig.Counters(1).Copies);
    }

    [Theory]
    [InlineData(Broadcast)]
    [InlineData(Multicast)]
    [InlineData(0x3333_0000_0001)]
    [InlineData(0x0180_C200_0010)]
    [InlineData(0x0180_C200_0021)]
    public void Group_addresses_are_flooded(ulong group)
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(0, Frame(group, Mac(1)));
        Assert.Single(rig.Received(1));
        Assert.Single(rig.Received(2));
    }

    [Fact]
    public void A_station_that_was_heard_gets_its_frames_alone()
    {
        using var rig = new Rig(ports: 4);
        rig.Carry(2, Frame(Broadcast, Mac(2)));
        rig.Received(0);
        rig.Received(1);
        rig.Received(3);
        rig.Carry(0, Frame(Mac(2), Mac(1)));
        Assert.Single(rig.Received(2));
        Assert.Empty(rig.Received(1));
        Assert.Empty(rig.Received(3));
    }

    [Fact]
    public void A_silent_station_is_forgotten_after_the_ageing_time()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, Mac(1)));
        rig.Received(2);
        rig.Now += TimeSpan.FromSeconds(300);
        rig.Carry(0, Frame(Mac(1), Mac(0x50)));
        Assert.Empty(rig.Received(2));
        rig.Now += TimeSpan.FromSeconds(1);
        rig.Carry(0, Frame(Mac(1), Mac(0x50)));
        Assert.Single(rig.Received(2));
    }

    [Fact]
    public void A_station_that_speaks_is_remembered_on_and_on()
    {
        using var rig = new Rig(ports: 3);
        for (var i = 0; i < 10; i++)
        {
            rig.Carry(1, Frame(Broadcast, Mac(1)));
            rig.Now += TimeSpan.FromSeconds(299);
            rig.Received(2);
            rig.Carry(0, Frame(Mac(1), Mac(0x50)));
            Assert.Empty(rig.Received(2));
        }
    }

    [Fact]
    public void A_clock_that_another_worker_read_later_ages_nobody()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, Mac(1)));
        rig.Received(2);
        rig.Now += TimeSpan.FromSeconds(-2);
        rig.Carry(0, Frame(Mac(1), Mac(0x50)));
        Assert.Empty(rig.Received(2));
    }

    [Fact]
    public void A_station_that_was_silent_for_the_ageing_time_is_new_wherever_it_speaks()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, Mac(1)));
        rig.Now += TimeSpan.FromSeconds(301);
        rig.Carry(2, Frame(Broadcast, Mac(1)));
        rig.Received(1);
        rig.Received(2);
        rig.Carry(0, Frame(Mac(1), Mac(0x50)));
        Assert.Empty(rig.Received(1));
        Assert.Single(rig.Received(2));
        Assert.Equal(1, rig.Bridge().Fdb.Moved);
        Assert.Equal(2, rig.Bridge().Fdb.Count);
    }

    [Fact]
    public void Nothing_goes_back_out_of_the_port_it_came_in_by()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(0, Frame(Broadcast, Mac(1)));
        rig.Received(1);
        rig.Received(2);
        rig.Carry(0, Frame(Mac(1), Mac(2)));
        rig.Carry(0, Frame(Mac(1), Mac(1)));
        for (var port = 0; port < 3; port++)
            Assert.Empty(rig.Received(port));
        Assert.Equal(2, rig.InDrops(0, DropReason.SamePort));
    }

    [Fact]
    public void Nothing_leaves_its_network()
    {
        using var rig = new Rig(ports: 2);
        var other = rig.Add(network: 1);
        var another = rig.Add(network: 1);
        rig.Carry(other, Frame(Broadcast, Mac(7)));
        Assert.Empty(rig.Received(0));
        Assert.Single(rig.Received(another));
        rig.Carry(0, Frame(Mac(7), Mac(1)));
        Assert.Single(rig.Received(1));
        Assert.Empty(rig.Received(other));
        Assert.Empty(rig.Received(another));
    }

    [Fact]
    public void The_same_address_lives_in_two_networks()
    {
        using var rig = new Rig(ports: 3);
        int other = rig.Add(network: 1), beside = rig.Add(network: 1);
        rig.Carry(1, Frame(Broadcast, Mac(7)));
        rig.Carry(other, Frame(Broadcast, Mac(7)));
        rig.Received(0);
        rig.Received(2);
        rig.Carry(0, Frame(Mac(7), Mac(1)));
        rig.Carry(beside, Frame(Mac(7), Mac(1)));
        Assert.Single(rig.Received(1));
        Assert.Empty(rig.Received(2));
        Assert.Single(rig.Received(other));
    }

    [Fact]
    public void A_network_with_one_port_drops_and_counts()
    {
        using var rig = new Rig(ports: 1);
        rig.Carry(0, Frame(Broadcast, Mac(1)));
        rig.Carry(0, Frame(Mac(2), Mac(1)));
        Assert.Equal(2, rig.InDrops(0, DropReason.NoReceiver));
    }

    [Fact]
    public void The_stations_of_a_port_that_goes_down_are_forgotten_and_it_neither_sends_nor_receives()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, Mac(1)));
        rig.Received(2);
        rig.Bridge().SetUp(rig.Member(1), false);
        Assert.Equal(0, rig.Bridge().Fdb.Count);
        rig.Carry(0, Frame(Mac(1), Mac(5)));
        Assert.Single(rig.Received(2));
        Assert.Empty(rig.Received(1));
        rig.Carry(1, Frame(Broadcast, Mac(1)));
        Assert.Equal(1, rig.InDrops(1, DropReason.PortDown));
        Assert.Empty(rig.Received(2));
        Assert.Equal(1, rig.Bridge().Fdb.Count);
    }

    [Fact]
    public void Frames_of_a_port_that_left_its_network_are_dropped_and_counted()
    {
        using var rig = new Rig(ports: 2);
        rig.Bridge().Detach(rig.Member(0));
        rig.Carry(0, Frame(Broadcast, Mac(1)));
        Assert.Empty(rig.Received(1));
        Assert.Equal(1, rig.InDrops(0, DropReason.PortDown));
    }

    [Fact]
    public void A_port_that_takes_the_place_of_one_that_left_inherits_no_station()
    {
        using var rig = new Rig(ports: 3);
        var slot = rig.Member(1).Slot;
        rig.Bridge().Detach(rig.Member(1));
        rig.Bridge().Fdb.Learn(Mac(1), slot, rig.Now); // A worker whose turn had begun before the port left.
        var next = rig.Add();
        Assert.Equal(slot, rig.Member(next).Slot);
        rig.Carry(0, Frame(Mac(1), Mac(5)));
        Assert.Single(rig.Received(2));
        Assert.Single(rig.Received(next));
    }

    [Fact]
    public void Three_hundred_ports_forward_and_flood()
    {
        const int ports = 300;
        using var rig = new Rig(ports);
        for (var i = 0; i < ports; i++)
            rig.Carry(i, Frame(Broadcast, Mac((uint)i + 1), i));
        for (var i = 0; i < ports; i++)
            Assert.Equal(Enumerable.Range(0, ports).Where(other => other != i), rig.Received(i).Select(NumberOf));
        for (var i = 0; i < ports; i++)
            rig.Send(0, Frame(Mac((uint)i + 1), Mac(1), i));
        rig.Turn();
        for (var i = 1; i < ports; i++)
            Assert.Equal(i, NumberOf(Assert.Single(rig.Received(i))));
        Assert.Empty(rig.Received(0));
    }
}
