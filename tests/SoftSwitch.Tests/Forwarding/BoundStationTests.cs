using System.Collections.Frozen;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Stations that are certain: ours, the host, and those that the file gives to ports.</summary>
public sealed class BoundStationTests
{
    private static readonly MacAddress s_bound = new(Mac(0x77));

    /// <summary>Port 0 has the station by the file, port 1 is a guest's, port 2 leads to the LAN, port 3 is a guest's.</summary>
    private static Rig Bound()
    {
        var rig = new Rig();
        rig.Add(station: s_bound, isBound: true);
        for (var port = 0; port < 3; port++)
            rig.Add();
        rig.Member(2).LeadsToLan = true;
        rig.Bridge().Bound = new Dictionary<MacAddress, string> { [s_bound] = rig.Port(0).Name }.ToFrozenDictionary();
        return rig;
    }

    [Fact]
    public void Nobody_else_brings_what_the_file_binds_and_who_has_it_need_not_have_spoken()
    {
        using var rig = Bound();
        for (var port = 1; port <= 3; port++)
        {
            rig.Carry(port, Frame(Broadcast, s_bound.Value));
            Assert.Equal(1, rig.InDrops(port, DropReason.SourceTaken));
        }
        rig.Carry(3, Frame(s_bound.Value, Mac(3)));
        Assert.Equal([1, 0, 0], Enumerable.Range(0, 3).Select(port => rig.Received(port).Count));
        rig.Now += TimeSpan.FromDays(1);
        rig.Carry(3, Frame(s_bound.Value, Mac(3)));
        Assert.Single(rig.Received(0));
        Assert.Empty(rig.Received(1));
    }

    /// <summary>A change elsewhere in the network would have what goes to it flooded until it speaks again.</summary>
    [Fact]
    public void Who_was_bound_already_stays_known_when_others_are_bound_and_who_was_not_is_forgotten()
    {
        using var rig = new Rig();
        for (var port = 0; port < 3; port++)
            rig.Add();
        var (own, others) = (new MacAddress(Mac(1)), new MacAddress(Mac(2)));
        Dictionary<MacAddress, string> bound = new() { [own] = rig.Port(1).Name };
        rig.Bridge().Bound = bound.ToFrozenDictionary();
        rig.Carry(1, Frame(Broadcast, own.Value));
        rig.Carry(2, Frame(Broadcast, others.Value));
        bound[others] = rig.Port(0).Name;
        rig.Bridge().Bound = bound.ToFrozenDictionary();
        Assert.Equal(rig.Member(1).Slot, rig.Bridge().Fdb.Lookup(own.Value, rig.Now));
        Assert.Equal(0, rig.Bridge().Fdb.Lookup(others.Value, rig.Now));
    }

    [Fact]
    public void While_its_port_is_down_it_may_have_moved_to_the_LAN_and_to_no_other_guest()
    {
        using var rig = Bound();
        rig.Bridge().SetUp(rig.Member(0), false);
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        Assert.Equal(1, rig.InDrops(1, DropReason.SourceTaken));
        Assert.Empty(rig.Received(3));
        rig.Carry(2, Frame(Broadcast, s_bound.Value));
        Assert.Single(rig.Received(3));
        rig.Carry(1, Frame(s_bound.Value, Mac(1)));
        Assert.Single(rig.Received(2));
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        Assert.Equal(2, rig.InDrops(1, DropReason.SourceTaken));
        rig.Bridge().SetUp(rig.Member(0), true);
        rig.Carry(2, Frame(Broadcast, s_bound.Value));
        Assert.Equal(1, rig.InDrops(2, DropReason.SourceTaken));
        rig.Carry(0, Frame(Broadcast, s_bound.Value));
        Assert.Equal(0, rig.Counters(0).InDropsTotal);
    }

    [Fact]
    public void What_was_made_for_a_port_no_other_guest_takes_whether_that_is_up_or_down_and_it_has_it_when_it_comes_back()
    {
        using var rig = new Rig(ports: 4);
        rig.Member(2).LeadsToLan = true;
        rig.Bridge().Bound = new Dictionary<MacAddress, string> { [s_bound] = rig.Port(0).Name }.ToFrozenDictionary();
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        rig.Bridge().SetUp(rig.Member(0), false);
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        Assert.Equal(2, rig.InDrops(1, DropReason.SourceTaken));
        rig.Carry(2, Frame(Broadcast, s_bound.Value));
        Assert.Equal(0, rig.Counters(2).InDropsTotal);
        rig.Bridge().Fdb.Forget(s_bound);
        rig.Bridge().SetUp(rig.Member(0), true);
        rig.Carry(0, Frame(Broadcast, s_bound.Value));
        Assert.Equal(0, rig.Counters(0).InDropsTotal);
        rig.Now += TimeSpan.FromDays(1);
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        Assert.Equal(3, rig.InDrops(1, DropReason.SourceTaken));
    }

    [Fact]
    public void Who_had_it_before_the_file_bound_it_has_it_no_longer()
    {
        using var rig = new Rig(ports: 3);
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        rig.Bridge().Bound = new Dictionary<MacAddress, string> { [s_bound] = rig.Port(0).Name }.ToFrozenDictionary();
        rig.Carry(1, Frame(Broadcast, s_bound.Value));
        Assert.Equal(1, rig.InDrops(1, DropReason.SourceTaken));
    }

    [Fact]
    public void Of_two_that_have_it_for_certain_the_host_comes_before_the_file_and_the_other_has_it_when_the_host_is_gone()
    {
        using var rig = new Rig();
        int guest = rig.Add(station: s_bound, isBound: true), host = rig.Add(station: s_bound);
        var fdb = rig.Bridge().Fdb;
        Assert.Equal(rig.Member(host).Slot, fdb.Lookup(s_bound.Value, rig.Now));
        rig.Bridge().SetUp(rig.Member(guest), false);
        rig.Bridge().SetUp(rig.Member(guest), true);
        Assert.Equal(rig.Member(host).Slot, fdb.Lookup(s_bound.Value, rig.Now));
        rig.Bridge().SetUp(rig.Member(host), false);
        Assert.Equal(rig.Member(guest).Slot, fdb.Lookup(s_bound.Value, rig.Now));
        rig.Bridge().SetUp(rig.Member(host), true);
        Assert.Equal(rig.Member(host).Slot, fdb.Lookup(s_bound.Value, rig.Now));
    }

    [Fact]
    public void The_host_on_its_uplink_is_nobody_else_s()
    {
        using var rig = new Rig(ports: 1);
        int nic = 0, host = rig.Add(station: s_bound), guest = rig.Add();
        rig.Member(nic).LeadsToLan = rig.Member(host).LeadsToLan = true;
        rig.Member(nic).Group = rig.Member(host).Group = 1;
        rig.Member(host).Uplink = rig.Member(nic);
        for (var i = 0; i < 100; i++)
        {
            rig.Carry(nic, Frame(Broadcast, s_bound.Value));
            rig.Carry(guest, Frame(Broadcast, s_bound.Value));
            rig.Now += TimeSpan.FromSeconds(10);
        }
        Assert.Equal((100, 100), (rig.InDrops(nic, DropReason.SourceTaken), rig.InDrops(guest, DropReason.SourceTaken)));
        Assert.Equal(rig.Member(host).Slot, rig.Bridge().Fdb.Lookup(s_bound.Value, rig.Now));
    }
}
