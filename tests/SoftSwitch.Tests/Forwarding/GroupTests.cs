using SoftSwitch.Forwarding.Drops;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Ports 0, 1 and 2 are a group that doesn't hear each other, port 3 is in another one, port 4 in none.</summary>
public sealed class GroupTests
{
    private static Rig Grouped(int ports)
    {
        var rig = new Rig(ports);
        for (var port = 0; port < ports; port++)
            rig.Member(port).Group = (ushort)(port < 3 ? 1 : port == 3 ? 2 : 0);
        return rig;
    }

    private static int[] Counts(Rig rig, int ports) => [.. Enumerable.Range(0, ports).Select(port => rig.Received(port).Count)];

    [Fact]
    public void What_a_member_says_to_everybody_is_heard_outside_its_group()
    {
        using var rig = Grouped(5);
        rig.Carry(0, Frame(Broadcast, Mac(10)));
        rig.Carry(0, Frame(Mac(99), Mac(10)));
        Assert.Equal([0, 0, 0, 2, 2], Counts(rig, 5));
        Assert.Equal(2, rig.Counters(0).Copies);
    }

    [Fact]
    public void What_others_say_to_everybody_is_heard_by_every_member()
    {
        using var rig = Grouped(5);
        rig.Carry(4, Frame(Broadcast, Mac(14)));
        rig.Carry(3, Frame(Broadcast, Mac(13)));
        Assert.Equal([2, 2, 2, 1, 1], Counts(rig, 5));
    }

    [Fact]
    public void A_member_reaches_no_station_of_its_group_and_any_other()
    {
        using var rig = Grouped(5);
        for (uint port = 0; port < 5; port++)
            rig.Carry((int)port, Frame(Broadcast, Mac(10 + port)));
        Counts(rig, 5);
        for (uint port = 0; port < 5; port++)
            rig.Carry(1, Frame(Mac(10 + port), Mac(11)));
        Assert.Equal([0, 0, 0, 1, 1], Counts(rig, 5));
        Assert.Equal(3, rig.InDrops(1, DropReason.SamePort));
        for (uint port = 0; port < 3; port++)
            rig.Carry(4, Frame(Mac(10 + port), Mac(14)));
        Assert.Equal([1, 1, 1, 0, 0], Counts(rig, 5));
    }

    [Fact]
    public void Among_members_alone_nobody_is_left_to_hear()
    {
        using var rig = Grouped(3);
        rig.Carry(0, Frame(Broadcast, Mac(10)));
        rig.Carry(0, Frame(Mac(99), Mac(10)));
        Assert.Equal([0, 0, 0], Counts(rig, 3));
        Assert.Equal(2, rig.InDrops(0, DropReason.NoReceiver));
    }
}
