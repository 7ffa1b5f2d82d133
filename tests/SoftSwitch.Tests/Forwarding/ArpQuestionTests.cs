using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding.Fuzzing;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Who hears a question in ARP: a station is behind each port, with the port's number in its addresses.</summary>
public sealed partial class ArpQuestionTests : IDisposable
{
    public ArpQuestionTests()
    {
        foreach (var port in (int[])[Alice, Bob, Carol, Dave])
            Announce(port);
        HeardBy();
    }

    [Fact]
    public void Who_is_known_is_asked_alone_and_answers_himself()
    {
        for (var time = 0; time < 5; time++)
        {
            Ask(Alice, Bob);
            var question = Assert.Single(_rig.Received(Bob)).Bytes;
            Assert.Equal(Question(Alice, Bob), question);
            Assert.Empty(HeardBy());
            Answer(Bob, Alice);
            Assert.Equal([Alice], HeardBy());
            Wait(Seconds);
        }
    }

    /// <summary>His answer was lost behind the switch, or he looks for a second holder.</summary>
    [Fact]
    public void Who_asks_again_within_seconds_is_heard_by_all_though_he_was_answered()
    {
        Ask(Alice, Bob);
        Answer(Bob, Alice);
        HeardBy();
        Wait(1_000);
        Ask(Alice, Bob);
        Assert.Equal(s_others, HeardBy());
        Answer(Bob, Alice);
        HeardBy();
        // Another's first question is another.
        Ask(Carol, Bob);
        Assert.Equal([Bob], HeardBy());
        Answer(Bob, Carol);
        HeardBy();
        Wait(Seconds);
        Ask(Alice, Bob);
        Assert.Equal([Bob], HeardBy());
    }

    /// <summary>Its answer goes to another, and may be seen by nobody here.</summary>
    [Fact]
    public void What_names_another_MAC_address_than_the_frame_has_is_heard_by_all()
    {
        for (var time = 0; time < 2; time++)
        {
            _rig.Carry(Alice, Arp(Alice, new(ArpMessage.Request, new(Mac(70)), Address(Alice), default, Address(Bob))));
            Assert.Equal(s_others, HeardBy());
        }
        // It is no question of anybody's, so what is asked next isn't asked again.
        Ask(Alice, Bob);
        Assert.Equal([Bob], HeardBy());
    }

    [Fact]
    public void Who_does_not_answer_is_asked_alone_once_and_then_all_are_asked_until_he_does()
    {
        Ask(Alice, Bob);
        Assert.Equal([Bob], HeardBy());
        for (var time = 0; time < 20; time++)
        {
            Wait(time * 300);
            Ask(Alice, Bob);
            Assert.Equal(s_others, HeardBy());
        }
        // Another who asks has no use for it either.
        Ask(Carol, Bob);
        Assert.Equal([Alice, Bob, Dave], HeardBy());
        Answer(Bob, Carol);
        HeardBy();
        Ask(Alice, Bob);
        Assert.Equal([Bob], HeardBy());
    }

    [Fact]
    public void Who_is_asked_by_several_at_once_is_asked_alone()
    {
        Ask(Alice, Bob);
        Wait(50);
        Ask(Carol, Bob);
        Ask(Dave, Bob);
        Assert.Equal(3, _rig.Received(Bob).Count);
        Assert.Empty(HeardBy());
        Wait(300);
        Ask(Dave, Bob);
        Assert.Equal([Alice, Bob, Carol], HeardBy());
    }

    /// <summary>The thief has said an address before its holder came; that he speaks to others keeps nobody from finding the
    /// holder.</summary>
    [Fact]
    public void Who_lies_and_is_silent_is_asked_once()
    {
        var stolen = Address(77);
        _rig.Carry(Carol, Contest.Arp(Mac(Carol), stolen));
        HeardBy();
        _rig.Carry(Alice, Question(Alice, 77));
        Assert.Equal([Carol], HeardBy());
        for (var time = 0; time < 5; time++)
        {
            _rig.Carry(Carol, Contest.Arp(Mac(Carol), stolen, Mac(Dave), ArpMessage.Reply));
            _rig.Carry(Carol, Contest.Arp(Mac(Carol), stolen));
            HeardBy();
            Wait(1_000);
            _rig.Carry(Alice, Question(Alice, 77));
            Assert.Equal(s_others, HeardBy());
        }
    }

    [Fact]
    public void What_is_said_for_all_is_heard_by_all()
    {
        // An announcement, as a question and as an answer (RFC 5227, 3).
        Announce(Alice);
        Assert.Equal(s_others, HeardBy());
        _rig.Carry(Alice, Contest.Arp(Mac(Alice), Address(Alice), operation: ArpMessage.Reply));
        Assert.Equal(s_others, HeardBy());
        // A probe: two who want an address hear each other, and so does any holder.
        _rig.Carry(Alice, Arp(Alice, new(ArpMessage.Request, new(Mac(Alice)), default, default, Address(Bob))));
        Assert.Equal(s_others, HeardBy());
        // A question in a VLAN is one of another network, and one with a priority stays as it is.
        foreach (var tag in (ushort[])[0x000A, 0xE000])
        {
            _rig.Carry(Alice, IpFrames.Ethernet(Broadcast, Mac(Alice), EtherType.Arp, Question(Alice, Bob)[14..], tag));
            Assert.Equal(s_others, HeardBy());
        }
        // One for nobody who has spoken.
        _rig.Carry(Alice, Question(Alice, 99));
        Assert.Equal(s_others, HeardBy());
    }

    [Fact]
    public void Who_has_another_MAC_address_is_heard_by_all_with_his_first_question()
    {
        const int renewed = 50;
        _rig.Carry(Alice, Arp(renewed, new(ArpMessage.Request, new(Mac(renewed)), Address(Alice), default, Address(Bob))));
        Assert.Equal(s_others, HeardBy());
        Answer(Bob, renewed);
        HeardBy();
        _rig.Carry(Alice, Arp(renewed, new(ArpMessage.Request, new(Mac(renewed)), Address(Alice), default, Address(Bob))));
        Assert.Equal([Bob], HeardBy());
    }

    [Fact]
    public void Who_has_moved_is_asked_where_he_is()
    {
        _rig.Bridge().SetUp(_rig.Member(Bob), false);
        Ask(Alice, Bob);
        Assert.Equal([Carol, Dave], HeardBy());
        // He answers from his new place.
        _rig.Carry(Dave, Contest.Arp(Mac(Bob), Address(Bob), Mac(Alice), ArpMessage.Reply));
        Assert.Equal([Alice], HeardBy());
        Ask(Alice, Bob);
        Assert.Equal([Dave], HeardBy());
    }

    [Fact]
    public void Who_is_behind_the_port_that_asks_is_asked_as_ever()
    {
        const int neighbor = 60;
        _rig.Carry(Alice, Contest.Arp(Mac(neighbor), Address(neighbor)));
        HeardBy();
        _rig.Carry(Alice, Question(Alice, neighbor));
        _rig.Carry(Alice, Question(Alice, neighbor));
        Assert.Equal([Bob, Bob, Carol, Carol, Dave, Dave], HeardBy());
        // That he isn't heard to answer there is nothing against him.
        Ask(Bob, neighbor);
        Assert.Equal([Alice], HeardBy());
    }

    /// <summary>Two routers with one virtual address: its MAC address moves with it (RFC 9568, 7.3).</summary>
    [Fact]
    public void A_virtual_router_is_asked_behind_who_is_it_now()
    {
        const ulong router = 0x0000_5E00_0101;
        _rig.Carry(Bob, Contest.Arp(router, Address(200)));
        HeardBy();
        _rig.Carry(Alice, Question(Alice, 200));
        Assert.Equal([Bob], HeardBy());
        // The master is gone; the backup says so until it is believed.
        _rig.Bridge().SetUp(_rig.Member(Bob), false);
        _rig.Carry(Carol, Contest.Arp(router, Address(200)));
        Assert.Equal([Alice, Dave], HeardBy());
        _rig.Carry(Alice, Question(Alice, 200));
        Assert.Equal([Carol], HeardBy());
    }

    /// <summary>A router of the LAN answers for whoever is behind it: it has said many addresses, with its own MAC address.</summary>
    [Fact]
    public void A_router_that_answers_for_others_is_asked_for_them()
    {
        for (var host = 100; host < 110; host++)
        {
            _rig.Carry(Alice, Question(Alice, host));
            Assert.Equal(s_others, HeardBy());
            _rig.Carry(Bob, Contest.Arp(Mac(Bob), Address(host), Mac(Alice), ArpMessage.Reply));
            HeardBy();
            _rig.Carry(Carol, Question(Carol, host));
            Assert.Equal([Bob], HeardBy());
        }
    }

    [Fact]
    public void A_silent_station_whose_MAC_address_is_forgotten_is_looked_for()
    {
        Wait(301_000);
        Ask(Alice, Bob);
        Assert.Equal(s_others, HeardBy());
    }

    [Fact]
    public void A_gateway_is_asked_alone_and_hears_every_question()
    {
        var gateway = _rig.Add(
            new Gateway("gateway", new(0x0253_0000_0001), Address(254), Ipv4Subnet.Containing(Address(0), 24), 1500, 1, 0), 0);
        _rig.Carry(Alice, Question(Alice, 254));
        Assert.Equal([Alice], HeardBy());
        var before = gateway.Total().OutFrames;
        Ask(Alice, Bob);
        Assert.Equal([Bob], HeardBy());
        Assert.Equal(before + 1, gateway.Total().OutFrames);
    }

    [Fact]
    public void All_hear_all_where_the_file_says_so()
    {
        _rig.Bridge().FloodsArp = true;
        Ask(Alice, Bob);
        Assert.Equal(s_others, HeardBy());
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 199)]
    public void Of_200_stations_one_wakes_up_for_a_question(bool floods, int woken)
    {
        const int stations = 200;
        using var rig = new Rig(ports: stations, asks: true);
        for (var port = 0; port < stations; port++)
            rig.Carry(port, Contest.Arp(Mac((uint)port), Address(port)));
        for (var port = 0; port < stations; port++)
            rig.Received(port);
        rig.Bridge().FloodsArp = floods;
        rig.Carry(3, Question(3, 150));
        var counts = Enumerable.Range(0, stations).Select(port => rig.Received(port).Count).ToList();
        Assert.Equal(woken, counts.Sum());
        Assert.Equal((0, 1), (counts[3], counts[150]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    public void Whatever_is_said_is_heard_by_all_by_who_is_asked_or_is_counted(int seed)
    {
        using var run = new ArpFuzzRun(seed);
        run.Run(20_000);
        Assert.True(run.Alone > 200 && run.ForAll > 5_000, $"{run.Alone} were heard by one alone, {run.ForAll} by all");
    }
}
