using System.Collections.Frozen;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>What helps nobody to take a station's address, and how one that was taken comes back.</summary>
public sealed class RobbedStationsTests
{
    [Fact]
    public void A_guest_that_the_host_believes_to_be_on_the_LAN_is_not_held_there()
    {
        using var rig = new Rig(asks: true);
        int nic = rig.Add(), guest = rig.Add();
        rig.Member(nic).LeadsToLan = true;
        var (bridge, station) = (rig.Bridge(), new MacAddress(Mac(1)));
        bridge.Lan = new(rig.Member(nic), new Dictionary<MacAddress, Ipv4Address> { [station] = default }.ToFrozenDictionary());
        for (var second = 0; second < 4; second++)
        {
            rig.Carry(guest, Frame(Broadcast, station.Value));
            bridge.Confirm(station, rig.Member(nic), rig.Now);
            rig.Now += TimeSpan.FromSeconds(1);
        }
        Assert.Equal(rig.Member(guest).Slot, bridge.Fdb.Lookup(station.Value, rig.Now));
    }

    [Fact]
    public void A_station_of_the_LAN_that_was_heard_there_stays_with_the_word_of_the_host()
    {
        using var rig = new Rig(asks: true);
        int nic = rig.Add(), guest = rig.Add();
        var station = new MacAddress(Mac(1));
        rig.Member(nic).LeadsToLan = true;
        rig.Bridge().Lan = new(rig.Member(nic), new Dictionary<MacAddress, Ipv4Address> { [station] = default }.ToFrozenDictionary());
        rig.Carry(nic, Frame(Broadcast, station.Value));
        for (var second = 0; second < 6; second++)
        {
            rig.Now += TimeSpan.FromSeconds(1);
            rig.Bridge().Confirm(station, rig.Member(nic), rig.Now);
            rig.Carry(guest, Frame(Broadcast, station.Value));
        }
        Assert.Equal(rig.Member(nic).Slot, rig.Bridge().Fdb.Lookup(station.Value, rig.Now));
    }
}
