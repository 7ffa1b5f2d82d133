using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Contest;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Who takes a station's address, and who takes it along.</summary>
public sealed class StationMovesTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_thousand_stolen_frames_a_second_take_nothing_from_a_station_that_speaks(bool asks)
    {
        using var contest = new Contest(asks) { Answers = true };
        contest.Introduce();
        for (var second = 0; second < 20; second++)
        {
            contest.Speak(Home);
            for (var burst = 0; burst < 100; burst++)
            {
                for (var frame = 0; frame < 10; frame++)
                    contest.Rig.Send(Other, Frame(Broadcast, Station, number: 7));
                contest.Rig.Turn();
                Assert.Equal(1, contest.Arrive(Home));
                contest.Wait(10);
            }
        }
        Assert.Equal(0, contest.Rig.Bridge().Fdb.Moved);
        Assert.Equal(20_000, contest.Refused(Other));
        Assert.DoesNotContain(contest.Rig.Received(Other), frame => MacAddress.Read(frame.Bytes).Value == Station);
        Assert.DoesNotContain(contest.Rig.Received(Friend), frame => NumberOf(frame) == 7);
    }

    [Fact]
    public void A_station_that_is_silent_but_there_is_asked_and_stays_and_is_not_asked_for_ever()
    {
        using var contest = new Contest { Answers = true };
        contest.Introduce();
        for (var second = 0; second < 280; second++)
        {
            contest.Speak(Other);
            Assert.Equal(Home, contest.Place);
            contest.Wait(1000);
        }
        Assert.Equal(280, contest.Refused(Other));
        // Three times at first, and once a minute.
        Assert.InRange(contest.Questions, 3, 8);
        var news = Assert.Single(contest.Rig.Bridge().Moves.TakeNews());
        Assert.Equal((contest.Rig.Member(Other), contest.Rig.Member(Home), Station), (news.By, news.At, news.Station.Value));
        Assert.Equal(news, WrongAbout(Other));
        Assert.Null(WrongAbout(Home));
        contest.Wait(120_000);
        Assert.Null(WrongAbout(Other));

        MoveNews? WrongAbout(int port) => contest.Rig.Bridge().Moves.WrongAbout(contest.Rig.Member(port), contest.Rig.Now);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_station_that_left_without_its_port_going_down_is_found_within_seconds(bool asks, bool speaksOn)
    {
        using var contest = new Contest(asks);
        contest.Introduce();
        contest.Wait(2000);
        contest.Speak(Other);
        Assert.Equal(Home, contest.Place);
        for (var waited = 0; waited < (asks && !speaksOn ? 4000 : 2000); waited += 100)
        {
            contest.Wait(100);
            if (speaksOn)
                contest.Speak(Other);
        }
        Assert.Equal(Other, contest.Place);
        Assert.Equal(1, contest.Arrive(Other));
        Assert.Equal(asks ? 3 : 0, contest.Questions);
    }

    [Fact]
    public void Whose_port_goes_down_moves_at_once()
    {
        using var contest = new Contest { Answers = true };
        contest.Introduce();
        contest.Rig.Bridge().SetUp(contest.Rig.Member(Home), false);
        contest.Speak(Other);
        Assert.Equal(Other, contest.Place);
        Assert.Equal(0, contest.Refused(Other));
    }

    [Fact]
    public void A_machine_that_migrates_while_its_old_port_stays_up_and_says_so_as_QEMU_does_is_found()
    {
        using var contest = new Contest();
        contest.Rig.Member(Other).LeadsToLan = true;
        contest.Introduce();
        contest.Speak(Home);
        contest.Wait(100); // It stands still while the rest is copied.
        foreach (var pause in new[] { 50, 150, 250, 350, 450 })
        {
            contest.Rig.Carry(Other, Frame(Broadcast, Station, type: 0x8035));
            contest.Wait(pause);
        }
        contest.Wait(750);
        Assert.Equal(Other, contest.Place);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_uplink_that_sends_back_what_guests_send_takes_no_guest(bool asks)
    {
        using var contest = new Contest(asks) { Answers = true };
        contest.Rig.Member(Other).LeadsToLan = true;
        contest.Introduce();
        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            contest.Speak(Home);
            contest.Wait(10 * random.Next(3));
            contest.Speak(Other);
            Assert.Equal(Home, contest.Place);
            contest.Wait(10 * random.Next(1, 600));
            Assert.Equal(Home, contest.Place);
        }
        Assert.Equal(300, contest.Refused(Other));
        Assert.Equal(0, contest.Rig.Bridge().Fdb.Moved);
    }

    [Theory]
    [InlineData(0x0000_5E00_0133, 0x0100_5E00_0012)] // VRRP
    [InlineData(0x0000_0C07_AC05, 0x0100_5E00_0002)] // HSRP
    [InlineData(0x0000_0C07_AC05, 0x0100_5E00_0066)]
    [InlineData(0x0000_0C9F_F005, 0x0100_5E00_0066)] // its second version
    public void A_virtual_router_is_taken_over_and_taken_back(ulong router, ulong group)
    {
        using var contest = new Contest();
        var (master, bridge) = (Home, contest.Rig.Bridge());
        contest.Rig.Carry(master, Arp(router, new(0x0A09_00FE)));
        foreach (var next in new[] { Other, Home, Other })
        {
            for (var second = 0; second < 30; second++)
            {
                contest.Rig.Carry(master, Frame(group, router));
                contest.Wait(1000);
            }
            contest.Rig.Received(master);
            // It takes over while the other still speaks, which hears it, and falls silent.
            contest.Rig.Carry(next, Frame(group, router));
            Assert.Contains(contest.Rig.Received(master), frame => MacAddress.Read(frame.Bytes).Value == group);
            for (var waited = 0; waited < 2000; waited += 500)
            {
                contest.Rig.Carry(next, Arp(router, new(0x0A09_00FE)));
                contest.Wait(500);
            }
            Assert.Equal(contest.Rig.Member(next).Slot, bridge.Fdb.Lookup(router, contest.Rig.Now));
            master = next;
        }
        Assert.Empty(bridge.Moves.TakeNews());
    }

    [Fact]
    public void A_robbed_station_that_nobody_could_ask_has_its_place_again_with_its_first_word()
    {
        using var contest = new Contest(asks: false);
        contest.Speak(Home);
        contest.Wait(5000);
        for (var waited = 0; waited < 3000; waited += 100)
        {
            contest.Speak(Other);
            contest.Wait(100);
        }
        Assert.Equal(Other, contest.Place);
        contest.Speak(Home);
        Assert.Equal(Home, contest.Place);
        contest.Speak(Other);
        Assert.Equal(1, contest.Arrive(Home));
    }

    [Fact]
    public void Whoever_claims_a_thousand_stations_has_few_asked_and_hinders_no_other_s_move()
    {
        using var contest = new Contest(more: 1);
        contest.Introduce();
        for (uint i = 0; i < 1000; i++)
            contest.Rig.Carry(Home, Arp(Mac(1000 + i), new(0x0A0A_0000 + i)));
        contest.Rig.Received(Home);
        contest.Wait(3000);
        for (uint i = 0; i < 1000; i++)
            contest.Rig.Carry(3, Frame(Broadcast, Mac(1000 + i)));
        contest.Speak(Other);
        Assert.Equal(Limits.Claims.Most + 1,
            contest.Rig.Received(Home).Count(frame => MacAddress.Read(frame.Bytes.AsSpan(6)) == Rig.AskerMac));
        contest.Wait(4000);
        Assert.Equal(Other, contest.Place);
        Assert.Equal(1000, contest.Refused(3));
    }

    [Fact]
    public void An_answer_is_nobody_else_s_and_the_question_is_on_no_other_port()
    {
        using var contest = new Contest { Answers = true };
        contest.Introduce();
        contest.Rig.Received(Friend);
        contest.Rig.Received(Other);
        contest.Wait(3000);
        contest.Speak(Other);
        contest.Wait(100);
        Assert.Equal(1, contest.Questions);
        Assert.Empty(contest.Rig.Received(Friend));
        Assert.Empty(contest.Rig.Received(Other));
    }

    [Fact]
    public void What_only_the_host_has_heard_of_the_LAN_no_guest_takes()
    {
        using var rig = new Rig(asks: true);
        int nic = rig.Add(), host = rig.Add(station: new MacAddress(Mac(11))), guest = rig.Add();
        rig.Member(nic).LeadsToLan = rig.Member(host).LeadsToLan = true;
        rig.Member(nic).Group = rig.Member(host).Group = 1;
        rig.Member(host).Uplink = rig.Member(nic);
        var router = new MacAddress(Mac(1));
        rig.Bridge().Lan = new(rig.Member(nic), new Dictionary<MacAddress, Ipv4Address> { [router] = new(0x0A09_0001) }
            .ToFrozenDictionary());
        rig.Carry(guest, Frame(Broadcast, router.Value));
        Assert.Equal(1, rig.InDrops(guest, DropReason.SourceElsewhere));
        Assert.Empty(rig.Received(host));
        Assert.True(ArpMessage.TryRead(Assert.Single(rig.Received(nic)).Bytes.AsSpan(14), out var question));
        Assert.Equal(new(0x0A09_0001), question.TargetAddress);
        Assert.Equal(rig.Member(nic).Slot, rig.Bridge().Fdb.Lookup(router.Value, rig.Now));
        // It isn't there any more, and has really come to the guest's port.
        for (var i = 0; i < 4; i++)
        {
            rig.Now += TimeSpan.FromMilliseconds(300);
            rig.Carry(guest, Frame(Broadcast, router.Value));
        }
        Assert.Equal(rig.Member(guest).Slot, rig.Bridge().Fdb.Lookup(router.Value, rig.Now));
    }
}
