using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class AdmissionTests
{
    [Fact]
    public void Control_frames_go_to_everybody_where_the_network_says_so_and_PAUSE_never()
    {
        using var rig = new Rig(ports: 3);
        rig.Bridge().ForwardsControl = true;
        for (var last = 0; last <= 0x0F; last++)
            rig.Carry(0, Frame(0x0180_C200_0000UL | (uint)last, Mac(1), last));
        rig.Carry(0, Frame(0x0180_C200_0001, Mac(1), type: 0x8808));
        rig.Carry(0, Frame(0x0180_C200_000E, Mac(1), type: 0x8808));
        rig.Carry(0, Frame(Mac(2), Mac(1), type: 0x8808));
        Assert.Empty(rig.Received(0));
        foreach (var port in new[] { 1, 2 })
            Assert.Equal(Enumerable.Range(0, 16).Where(last => last != 1), rig.Received(port).Select(NumberOf));
        Assert.Equal(4, rig.InDrops(0, DropReason.ReservedAddress));
        rig.Bridge().ForwardsControl = false;
        rig.Carry(0, Frame(0x0180_C200_0000, Mac(1)));
        Assert.Empty(rig.Received(1));
    }

    [Fact]
    public void Reserved_addresses_end_at_the_first_link()
    {
        using var rig = new Rig(ports: 2);
        for (var last = 0UL; last < 16; last++)
            rig.Carry(0, Frame(0x0180_C200_0000 | last, Mac(1)));
        Assert.Empty(rig.Received(1));
        Assert.Equal(16, rig.InDrops(0, DropReason.ReservedAddress));
        Assert.Equal(0, rig.Bridge().Fdb.Count);
    }

    [Fact]
    public void Pause_frames_end_at_the_first_link_whoever_they_are_sent_to()
    {
        using var rig = new Rig(ports: 2);
        rig.Carry(0, Frame(0x0180_C200_0001, Mac(1), type: EtherType.MacControl));
        rig.Carry(0, Frame(Mac(2), Mac(1), type: EtherType.MacControl));
        Assert.Empty(rig.Received(1));
        Assert.Equal(2, rig.InDrops(0, DropReason.ReservedAddress));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(Broadcast)]
    [InlineData(Multicast)]
    public void A_source_that_no_station_can_have_is_dropped_and_not_learnt(ulong source)
    {
        using var rig = new Rig(ports: 2);
        rig.Carry(0, Frame(Broadcast, source));
        Assert.Empty(rig.Received(1));
        Assert.Equal(1, rig.InDrops(0, DropReason.SourceNotUnicast));
        Assert.Equal(0, rig.Bridge().Fdb.Count);
    }

    [Fact]
    public void Frames_shorter_than_an_Ethernet_header_are_dropped()
    {
        using var rig = new Rig(ports: 2);
        for (var length = 0; length < 14; length++)
            rig.Carry(0, Frame(Broadcast, Mac(1), length: length));
        Assert.Empty(rig.Received(1));
        Assert.Equal(14, rig.InDrops(0, DropReason.TooShort));
        Assert.Equal(0, rig.Bridge().Fdb.Count);
    }

    [Fact]
    public void Short_frames_are_padded_with_zeros_and_never_with_an_older_frame()
    {
        using var rig = new Rig(ports: 2);
        for (var length = 14; length < 60; length++)
        {
            rig.Carry(0, Frame(Broadcast, Mac(1), length: 1514, fill: 0xEE));
            rig.Received(1);
            var frame = Frame(Broadcast, Mac(1), length: length);
            rig.Carry(0, frame);
            var received = Assert.Single(rig.Received(1)).Bytes;
            Assert.Equal(60, received.Length);
            Assert.Equal(frame, received[..length]);
            Assert.All(received[length..], octet => Assert.Equal(0, octet));
        }
    }

    [Fact]
    public void Frames_up_to_the_MTU_pass_and_longer_ones_are_dropped_whole_and_counted()
    {
        using var rig = new Rig(ports: 2);
        rig.Carry(0, Frame(Broadcast, Mac(1), length: 1514));
        rig.Carry(0, Frame(Broadcast, Mac(1), length: 1515));
        Assert.Equal(1514, Assert.Single(rig.Received(1)).Bytes.Length);
        Assert.Equal(1, rig.OutDrops(1, DropReason.MtuExceeded));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Tags_do_not_count_against_the_MTU_and_pass_unharmed(int tags)
    {
        using var rig = new Rig(ports: 2);
        var spec = new PacketSpec { Vlans = [.. Enumerable.Range(1, tags).Select(i => (ushort)(0xE000 | (100 * i)))], Payload = 1460 };
        var frame = spec.Build();
        Assert.Equal(1514 + 4 * tags, frame.Length);
        rig.Carry(0, frame);
        Assert.Equal(frame, Assert.Single(rig.Received(1)).Bytes);
        rig.Carry(0, (spec with { Payload = 1461 }).Build());
        Assert.Empty(rig.Received(1));
        Assert.Equal(1, rig.OutDrops(1, DropReason.MtuExceeded));
    }

    [Fact]
    public void A_flood_reaches_the_ports_whose_MTU_it_fits()
    {
        using var rig = new Rig();
        rig.Add(mtu: 9000);
        rig.Add(mtu: 1500);
        rig.Add(mtu: 9000);
        var frame = Frame(Broadcast, Mac(1), length: 9014);
        rig.Carry(0, frame);
        Assert.Empty(rig.Received(1));
        Assert.Equal(frame, Assert.Single(rig.Received(2)).Bytes);
        Assert.Equal(1, rig.OutDrops(1, DropReason.MtuExceeded));
    }

    [Fact]
    public void The_largest_frame_that_a_tap_can_deliver_passes_whole()
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All, mtu: 65_535);
        rig.Add(PortOffloads.All, mtu: 65_535);
        var frame = Frame(Broadcast, Mac(1), length: 14 + 65_535);
        for (var i = 0; i < 20; i++)
            rig.Send(0, frame);
        rig.Turn();
        var received = rig.Received(1);
        Assert.Equal(20, received.Count);
        Assert.All(received, each => Assert.Equal(frame, each.Bytes));
    }

    [Fact]
    public void A_full_receiver_costs_the_others_nothing()
    {
        using var rig = new Rig(ports: 1);
        int stuck = rig.Add(queueLength: 10), well = rig.Add();
        for (var i = 0; i < 200; i++)
            rig.Send(0, Frame(Broadcast, Mac(1), i));
        rig.Turn();
        Assert.Equal(10, rig.Received(stuck).Count);
        Assert.Equal(190, rig.OutDrops(stuck, DropReason.QueueFull));
        Assert.Equal(Enumerable.Range(0, 200), rig.Received(well).Select(NumberOf));
    }
}
