using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Port 0 is a NIC, port 1 the host behind it, the others are guests'.</summary>
public sealed class HostAndUplinkTests
{
    private const int Nic = 0, Host = 1;

    private static readonly MacAddress s_host = new(Mac(11));

    private static Rig Joined(int guests)
    {
        var rig = new Rig(ports: 1);
        rig.Add(station: s_host);
        for (var guest = 0; guest < guests; guest++)
            rig.Add();
        rig.Member(Nic).Group = rig.Member(Host).Group = 1;
        rig.Member(Host).Uplink = rig.Member(Nic);
        return rig;
    }

    [Fact]
    public void What_the_wire_brings_for_everybody_reaches_the_guests_and_not_the_host_again()
    {
        using var rig = Joined(guests: 2);
        rig.Carry(Nic, Frame(Broadcast, Mac(10)));
        rig.Carry(Nic, Frame(Mac(99), Mac(10)));
        Assert.Equal((0, 2, 2), (rig.Received(Host).Count, rig.Received(2).Count, rig.Received(3).Count));
    }

    [Fact]
    public void What_the_host_sends_to_everybody_reaches_the_guests_and_not_the_wire_again()
    {
        using var rig = Joined(guests: 2);
        rig.Carry(Host, Frame(Broadcast, Mac(11)));
        Assert.Equal((0, 1, 1), (rig.Received(Nic).Count, rig.Received(2).Count, rig.Received(3).Count));
    }

    [Fact]
    public void What_the_host_sends_to_one_station_was_on_no_wire_and_is_found_wherever_it_is()
    {
        using var rig = Joined(guests: 1);
        rig.Carry(Host, Frame(Mac(99), Mac(11)));
        Assert.Equal((1, 1), (rig.Received(Nic).Count, rig.Received(2).Count));
        rig.Carry(Nic, Frame(Broadcast, Mac(99)));
        rig.Received(2);
        rig.Carry(Host, Frame(Mac(99), Mac(11)));
        Assert.Equal((1, 0), (rig.Received(Nic).Count, rig.Received(2).Count));
    }

    [Fact]
    public void What_the_wire_brings_for_a_station_of_the_host_has_reached_it()
    {
        using var rig = Joined(guests: 1);
        rig.Carry(Host, Frame(Broadcast, Mac(11)));
        rig.Carry(Nic, Frame(Mac(11), Mac(10)));
        Assert.Empty(rig.Received(Host));
        Assert.Equal(1, rig.Counters(Nic).InDrops(DropReason.SamePort));
    }

    [Fact]
    public void A_station_of_the_wire_that_only_the_host_has_heard_is_found_on_the_wire()
    {
        using var rig = Joined(guests: 1);
        rig.Carry(Host, Frame(Mac(99), Mac(12)));
        rig.Received(Nic);
        rig.Received(2);
        rig.Carry(Host, Frame(Mac(12), Mac(11)));
        Assert.Equal((1, 0), (rig.Received(Nic).Count, rig.Received(2).Count));
    }

    [Fact]
    public void Who_has_moved_to_the_wire_and_speaks_to_the_host_alone_is_found_there_by_other_guests()
    {
        using var rig = Joined(guests: 2);
        rig.Carry(2, Frame(Broadcast, Mac(12)));
        rig.Bridge().SetUp(rig.Member(2), false);
        rig.Carry(Host, Frame(s_host.Value, Mac(12)));
        rig.Received(Nic);
        rig.Received(Host);
        rig.Bridge().SetUp(rig.Member(2), true);
        rig.Carry(3, Frame(Mac(12), Mac(13)));
        Assert.Equal((1, 0, 0), (rig.Received(Nic).Count, rig.Received(Host).Count, rig.Received(2).Count));
    }

    [Fact]
    public void A_guest_reaches_wire_and_host_alike()
    {
        using var rig = Joined(guests: 1);
        rig.Carry(2, Frame(Broadcast, Mac(12)));
        Assert.Equal((1, 1), (rig.Received(Nic).Count, rig.Received(Host).Count));
    }

    [Fact]
    public void Between_wire_and_host_alone_nobody_is_left_to_hear()
    {
        using var rig = Joined(guests: 0);
        rig.Carry(Nic, Frame(Broadcast, Mac(10)));
        rig.Carry(Host, Frame(Broadcast, Mac(11)));
        Assert.Empty(rig.Received(Nic));
        Assert.Empty(rig.Received(Host));
        Assert.Equal((1, 1), (rig.Counters(Nic).InDrops(DropReason.NoReceiver), rig.Counters(Host).InDrops(DropReason.NoReceiver)));
    }

    [Fact]
    public void A_wire_that_is_down_hears_nothing_and_hinders_nobody()
    {
        using var rig = Joined(guests: 1);
        rig.Bridge().SetUp(rig.Member(Nic), false);
        rig.Carry(Host, Frame(Broadcast, Mac(11)));
        Assert.Equal((0, 1), (rig.Received(Nic).Count, rig.Received(2).Count));
    }

    [Fact]
    public void Of_one_sender_in_one_burst_the_first_frame_does_not_say_where_the_second_has_come_from()
    {
        using var rig = Joined(guests: 1);
        rig.Send(Host, Frame(Mac(99), Mac(12)));
        rig.Send(Host, Frame(s_host.Value, Mac(12)));
        rig.Turn();
        Assert.Equal(rig.Member(Nic).Slot, rig.Bridge().Fdb.Lookup(Mac(12), rig.Now));
        Assert.Equal(0, rig.InDrops(Host, DropReason.SourceElsewhere));
    }
}
