using System.Collections.Frozen;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Contest;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>What helps nobody to take a station's address, and how one that was taken comes back.</summary>
public sealed class RobbedStationsTests
{
    [Theory]
    [InlineData(0, 301_000, false)]
    [InlineData(0, 900_000, false)]
    [InlineData(2, 3_000, false)]
    [InlineData(0, 301_000, true)]
    [InlineData(0, 900_000, true)]
    [InlineData(2, 3_000, true)]
    public void A_silent_station_that_answers_stays_though_it_has_aged_or_two_questions_are_lost(int lost, int silent, bool isIpv6)
    {
        using var contest = new Contest { Answers = true, Loses = lost };
        contest.Introduce(isIpv6);
        contest.Wait(silent);
        contest.Rig.Bridge().Fdb.Sweep(contest.Rig.Now, int.MaxValue);
        for (var waited = 0; waited < 5000; waited += 100)
        {
            contest.Speak(Other);
            contest.Wait(100);
        }
        Assert.Equal(Home, contest.Place);
        Assert.Equal(0, contest.Rig.Bridge().Fdb.Moved);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_station_that_is_gone_moves_by_whatever_it_was_asked(bool isIpv6)
    {
        using var contest = new Contest();
        contest.Introduce(isIpv6);
        contest.Wait(3000);
        contest.Speak(Other);
        contest.Wait(3000);
        Assert.Equal(Other, contest.Place);
        Assert.Equal(3, contest.Questions);
    }

    [Fact]
    public void A_robbed_guest_has_its_place_again_however_late_and_whatever_the_thief_claims_beside()
    {
        using var contest = new Contest();
        contest.Introduce();
        Rob(contest);
        for (uint i = 0; i < 200; i++)
        {
            contest.Rig.Carry(Home, Frame(Broadcast, Mac(1000 + i)));
            contest.Rig.Carry(Other, Frame(Broadcast, Mac(1000 + i)));
        }
        contest.Wait(250_000);
        contest.Speak(Other);
        contest.Speak(Home);
        Assert.Equal(Home, contest.Place);
    }

    [Fact]
    public void A_robbed_station_of_the_LAN_goes_back_when_it_answers_and_not_when_its_frames_may_be_reflected()
    {
        using var contest = new Contest();
        contest.Rig.Member(Home).LeadsToLan = true;
        contest.Introduce();
        Rob(contest);
        contest.Wait(100_000);
        contest.Speak(Other);
        contest.Answers = true;
        contest.Speak(Home);
        Assert.Equal(Other, contest.Place);
        contest.Wait(20);
        Assert.Equal(Home, contest.Place);
    }

    [Fact]
    public void Two_who_claim_together_don_t_undo_that_the_station_was_heard()
    {
        using var contest = new Contest(more: 1);
        contest.Introduce();
        contest.Wait(3000);
        contest.Speak(Other);
        contest.Wait(300);
        contest.Speak(Other);
        contest.Wait(300);
        contest.Speak(Other);
        contest.Speak(Home);
        contest.Speak(3);
        contest.Wait(300);
        contest.Speak(Other);
        contest.Wait(350);
        contest.Speak(Other);
        Assert.Equal(Home, contest.Place);
        Assert.Equal(0, contest.Rig.Bridge().Fdb.Moved);
    }

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

    private static void Rob(Contest contest)
    {
        contest.Wait(3000);
        for (var waited = 0; waited < 2000; waited += 100)
        {
            contest.Speak(Other);
            contest.Wait(100);
        }
        Assert.Equal(Other, contest.Place);
    }
}
