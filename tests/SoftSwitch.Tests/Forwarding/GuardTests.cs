using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.State.Ports;
using static SoftSwitch.Tests.Forwarding.IpFrames;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Guests at ports 0 and 1 are guarded, as numbers 1 and 2 with 10.10.0.5 and 10.10.0.6; at port 2 is one who is not.</summary>
public sealed class GuardTests : IDisposable
{
    private static readonly DropReason[] s_reasons =
        [DropReason.GuardMac, DropReason.GuardIp, DropReason.GuardServer, DropReason.PacketMalformed];

    private readonly Rig _rig = new(ports: 3);

    public static IEnumerable<TheoryDataRow<string>> Tricks => GuardedFrames.Tricks.Keys.Select(name => new TheoryDataRow<string>(name));

    public static IEnumerable<TheoryDataRow<string>> Honest => GuardedFrames.Honest.Keys.Select(name => new TheoryDataRow<string>(name));

    private Bridge Bridge => _rig.Bridge();

    public void Dispose() => _rig.Dispose();

    [Theory, MemberData(nameof(Tricks))]
    public void A_trick_reaches_nobody(string trick)
    {
        var (frame, offload) = GuardedFrames.Tricks[trick];
        // Without a guard it does.
        _rig.Carry(0, frame, offload);
        Assert.NotEmpty(_rig.Received(1));
        Bridge.Forget(_rig.Member(0));
        Guard();
        _rig.Received(2);
        _rig.Carry(0, frame, offload);
        Assert.Empty(_rig.Received(1));
        Assert.Empty(_rig.Received(2));
        Assert.Equal(1, s_reasons.Sum(reason => _rig.InDrops(0, reason)));
    }

    [Theory, MemberData(nameof(Honest))]
    public void What_is_its_own_a_guest_may_say(string what)
    {
        var (frame, offload) = GuardedFrames.Honest[what];
        Guard();
        _rig.Carry(0, frame, offload);
        Assert.Single(_rig.Received(1));
        Assert.Single(_rig.Received(2));
    }

    [Fact]
    public void Who_is_guarded_is_known_before_it_speaks_and_hears_nothing_that_is_for_others()
    {
        Guard();
        _rig.Carry(2, Frame(Mac(2), Mac(3)));
        Assert.Single(_rig.Received(1));
        Assert.Empty(_rig.Received(0));
        _rig.Carry(2, Frame(Mac(77), Mac(3)));
        Assert.Empty(_rig.Received(0));
        Assert.Empty(_rig.Received(1));
        _rig.Carry(2, Frame(Broadcast, Mac(3)));
        Assert.Single(_rig.Received(0));
        Assert.Single(_rig.Received(1));
    }

    [Fact]
    public void What_is_for_a_guarded_guest_that_is_down_nobody_hears()
    {
        Guard();
        Bridge.SetUp(_rig.Member(1), false);
        var frame = Ethernet(Mac(2), Mac(1), EtherType.Ipv4, Ipv4(GuardedFrames.Own, GuardedFrames.Victim));
        _rig.Carry(0, frame);
        Assert.Empty(_rig.Received(2));
        Assert.Equal(1, _rig.InDrops(0, DropReason.PortDown));
        Bridge.SetUp(_rig.Member(1), true);
        _rig.Carry(0, frame);
        Assert.Single(_rig.Received(1));
    }

    [Fact]
    public void A_guard_that_comes_and_goes_leaves_nothing()
    {
        Guard();
        Bridge.Guards = FrozenDictionary<string, GuestGuard>.Empty;
        Bridge.Bound = FrozenDictionary<MacAddress, string>.Empty;
        _rig.Carry(2, Frame(Mac(1), Mac(3)));
        Assert.Single(_rig.Received(1));
        Assert.Single(_rig.Received(0));
        _rig.Carry(1, Frame(Broadcast, Mac(1)));
        _rig.Carry(2, Frame(Mac(1), Mac(3)));
        Assert.Single(_rig.Received(0));
        Assert.Single(_rig.Received(1));
    }

    /// <summary>Of IP addresses alone, the port has the same station as before.</summary>
    [Fact]
    public void Who_has_passed_for_another_holds_nothing_once_there_is_a_guard()
    {
        using var rig = new Rig(ports: 3, asks: true);
        rig.Carry(0, Contest.Arp(Mac(1), Ipv4Address.Parse(GuardedFrames.Victim)));
        var victim = Contest.Arp(Mac(2), Ipv4Address.Parse(GuardedFrames.Victim));
        rig.Carry(1, victim);
        Assert.Equal(1, rig.InDrops(1, DropReason.AddressElsewhere));
        rig.Bridge().Guards = new Dictionary<string, GuestGuard>
        {
            [rig.Port(0).Name] = new(null, true, [Ipv4Address.Parse(GuardedFrames.Own)], null),
        }.ToFrozenDictionary();
        rig.Received(2);
        rig.Carry(1, victim);
        Assert.Equal(1, rig.InDrops(1, DropReason.AddressElsewhere));
        Assert.Single(rig.Received(2));
    }

    [Fact]
    public void Of_MAC_addresses_alone_any_IP_address_goes_and_a_VLAN()
    {
        Guard(checksAddresses: false);
        _rig.Carry(0, Ethernet(Broadcast, Mac(1), EtherType.Ipv4, Ipv4(GuardedFrames.Victim, "10.10.0.255")));
        _rig.Carry(0, Ethernet(Broadcast, Mac(1), EtherType.Arp, Arp(GuardedFrames.Victim, GuardedFrames.Own), 5));
        _rig.Carry(0, Frame(Broadcast, Mac(1)));
        Assert.Equal(3, _rig.Received(2).Count);
        _rig.Carry(0, Frame(Broadcast, Mac(9)));
        _rig.Carry(0, GuardedFrames.Tricks["an offer"].Frame);
        Assert.Empty(_rig.Received(2));
        Assert.Equal(1, _rig.InDrops(0, DropReason.GuardMac));
        Assert.Equal(1, _rig.InDrops(0, DropReason.GuardServer));
    }

    [Fact]
    public void Of_IP_addresses_alone_any_station_goes_and_is_found_as_ever()
    {
        Bridge.Guards = new Dictionary<string, GuestGuard>
        {
            [_rig.Port(0).Name] = new(null, true, [Ipv4Address.Parse(GuardedFrames.Own)], null),
        }.ToFrozenDictionary();
        _rig.Carry(0, Ethernet(Broadcast, Mac(42), EtherType.Ipv4, Ipv4(GuardedFrames.Own, "10.10.0.255")));
        Assert.Single(_rig.Received(2));
        _rig.Carry(0, Ethernet(Broadcast, Mac(42), EtherType.Ipv4, Ipv4(GuardedFrames.Victim, "10.10.0.255")));
        Assert.Empty(_rig.Received(2));
        _rig.Carry(2, Frame(Mac(77), Mac(3)));
        Assert.Single(_rig.Received(0));
    }

    [Fact]
    public void An_address_of_the_link_is_its_who_was_first()
    {
        using var rig = new Rig(ports: 2, asks: true);
        Guard(rig);
        var question = GuardedFrames.Honest["IPv6: may I have this address?"].Frame.ToArray();
        // fe80::1:2:3:4, which no MAC address makes, is looked for by number 2, and then said by number 1.
        Ipv6Address.Parse("fe80::1:2:3:4").Write(question.AsSpan(62));
        var announcement = GuardedFrames.Honest["IPv6: an answer"].Frame.ToArray();
        Ipv6Address.Parse("fe80::1:2:3:4").Write(announcement.AsSpan(62));
        Ipv6Address.Parse("fe80::1:2:3:4").Write(announcement.AsSpan(22));
        new MacAddress(Mac(2)).Write(announcement.AsSpan(6));
        new MacAddress(Mac(2)).Write(announcement.AsSpan(80));
        rig.Carry(1, announcement);
        Assert.Single(rig.Received(0));
        new MacAddress(Mac(1)).Write(announcement.AsSpan(6));
        new MacAddress(Mac(1)).Write(announcement.AsSpan(80));
        rig.Carry(0, announcement);
        rig.Carry(0, GuardedFrames.Honest["IPv6: an address that no MAC makes"].Frame);
        Assert.Equal(2, rig.InDrops(0, DropReason.GuardIp));
        Assert.DoesNotContain(rig.Received(1), heard => heard.Bytes[6..12].SequenceEqual(announcement[6..12]));
        rig.Carry(0, question);
        Assert.Equal(3, rig.InDrops(0, DropReason.GuardIp));
    }

    [Fact]
    public void An_address_of_the_link_stays_its_who_was_first_while_that_one_starts_anew()
    {
        Guard();
        // Nobody hears a word of it but the question whether number 2 may have it.
        _rig.Carry(1, Said("::", IcmpV6Type.NeighborSolicitation, 2));
        Assert.Single(_rig.Received(0));
        Assert.Single(_rig.Received(2));
        Bridge.SetUp(_rig.Member(1), false);
        _rig.Now += TimeSpan.FromHours(1);
        byte[][] tried =
        [
            Said(Mobile, IcmpV6Type.NeighborAdvertisement, 1), Said("::", IcmpV6Type.NeighborSolicitation, 1),
            Said(Mobile, IcmpV6Type.NeighborSolicitation, 1),
        ];
        foreach (var frame in tried)
            _rig.Carry(0, frame);
        Assert.Empty(_rig.Received(2));
        Assert.Equal(tried.Length, _rig.InDrops(0, DropReason.GuardIp));
        Bridge.SetUp(_rig.Member(1), true);
        _rig.Carry(1, Said("::", IcmpV6Type.NeighborSolicitation, 2));
        Assert.Single(_rig.Received(2));
        // It is anybody's once its port has no guard any more.
        Bridge.Guards = Bridge.Guards.Where(guard => guard.Key == _rig.Port(0).Name).ToFrozenDictionary();
        Bridge.Forget(_rig.Member(1));
        _rig.Carry(0, tried[0]);
        Assert.Single(_rig.Received(2));
    }

    [Fact]
    public void Who_takes_many_addresses_of_the_link_gives_up_its_own()
    {
        Guard();
        _rig.Carry(1, Said("::", IcmpV6Type.NeighborSolicitation, 2));
        for (var i = 0; i <= Limits.LinkAddresses.Most; i++)
            _rig.Carry(0, Said($"fe80::5:{i:x}", IcmpV6Type.NeighborAdvertisement, 1));
        Bridge.SetUp(_rig.Member(1), false);
        _rig.Carry(0, Said(Mobile, IcmpV6Type.NeighborAdvertisement, 1));
        Assert.Equal(1, _rig.InDrops(0, DropReason.GuardIp));
        Assert.Null(Bridge.LinkAddresses.HolderOf(Ipv6Address.Parse("fe80::5:0")));
        Assert.Equal(_rig.Port(0).Name, Bridge.LinkAddresses.HolderOf(Ipv6Address.Parse("fe80::5:1")));
    }

    [Fact]
    public void What_is_reserved_and_lent_is_one_address()
    {
        var (lent, own, other) = (new LentAddresses(), Ipv4Address.Parse(GuardedFrames.Own), Ipv4Address.Parse(GuardedFrames.Victim));
        lent.Set([own, other]);
        Assert.Equal([own, other], new GuestGuard(new(Mac(1)), true, [own], lent).Addresses);
    }

    /// <summary>An address that no MAC address makes.</summary>
    private const string Mobile = "fe80::1:2:3:4";

    /// <summary>Neighbor discovery about an address.</summary>
    /// <param name="from">That one, or none.</param>
    private static byte[] Said(string from, byte type, uint station)
    {
        var about = from == "::" ? Mobile : from;
        var message = new byte[24];
        message[0] = type;
        Ipv6Address.Parse(about).Write(message.AsSpan(8));
        return Ethernet(Broadcast, Mac(station), EtherType.Ipv6, Ipv6(from, "ff02::1", IpProtocol.IcmpV6, message));
    }

    [Fact]
    public void People_are_told_who_tried_to_be_what_once_a_minute()
    {
        Guard();
        (string Trick, GuardNews News)[] tried =
        [
            ("the victim's MAC address", News(GuardedThing.Station, station: Mac(2))),
            ("ARP: the victim's MAC address", News(GuardedThing.Station, station: Mac(2))),
            ("a question for the victim", News(GuardedThing.Station, station: Mac(2))),
            ("ARP: the victim's address asks", News(GuardedThing.Address, GuardedFrames.Victim)),
            ("UDP from the victim", News(GuardedThing.Address, GuardedFrames.Victim)),
            ("IPv6: an address of the world", News(GuardedThing.AddressIpv6, ipv6: "2001:db8::5")),
            ("an offer", News(GuardedThing.AddressServer)),
            ("IPv6: a router", News(GuardedThing.Router)),
            ("ARP: in a VLAN", News(GuardedThing.Vlan)),
            ("another protocol", News(GuardedThing.Other)),
        ];
        foreach (var (trick, news) in tried)
        {
            var (frame, offload) = GuardedFrames.Tricks[trick];
            _rig.Now += TimeSpan.FromMinutes(1);
            for (var second = 0; second < 59; second++)
            {
                _rig.Carry(0, frame, offload);
                _rig.Carry(0, frame, offload);
                var told = Bridge.TakeOffences(_rig.Now);
                Assert.Equal(second == 0 ? [news] : [], told);
                Assert.Equal(news, Bridge.OffenceOf(_rig.Member(0), _rig.Now));
                _rig.Now += TimeSpan.FromSeconds(1);
            }
        }
        _rig.Now += TimeSpan.FromMinutes(2);
        Assert.Null(Bridge.OffenceOf(_rig.Member(0), _rig.Now));
    }

    [Fact]
    public void Of_many_addresses_people_are_told_some()
    {
        Ipv4Address[] given = [.. Enumerable.Range(1, 6).Select(last => Ipv4Address.Parse($"10.10.0.{last}"))];
        Bridge.Guards = new Dictionary<string, GuestGuard> { [_rig.Port(0).Name] = new(null, true, given, null) }.ToFrozenDictionary();
        Assert.Contains("its guard lets it be 10.10.0.1, 10.10.0.2, 10.10.0.3, 10.10.0.4 or one of 2 others alone",
            GuardText.Of(News(GuardedThing.Address, "10.10.0.9")), StringComparison.Ordinal);
    }

    private GuardNews News(GuardedThing what, string? address = null, ulong station = 0, string? ipv6 = null) => new(_rig.Member(0), what,
        new(station), new(address is null ? default : Ipv4Address.Parse(address), ipv6 is null ? default : Ipv6Address.Parse(ipv6)));

    private void Guard(bool checksAddresses = true) => Guard(_rig, checksAddresses);

    private static void Guard(Rig rig, bool checksAddresses = true)
    {
        rig.Bridge().Bound = new Dictionary<MacAddress, string>
        {
            [new(Mac(1))] = rig.Port(0).Name,
            [new(Mac(2))] = rig.Port(1).Name,
        }.ToFrozenDictionary();
        rig.Bridge().Guards = new Dictionary<string, GuestGuard>
        {
            [rig.Port(0).Name] = new(new(Mac(1)), checksAddresses, [Ipv4Address.Parse(GuardedFrames.Own)], null),
            [rig.Port(1).Name] = new(new(Mac(2)), checksAddresses, [Ipv4Address.Parse(GuardedFrames.Victim)], null),
        }.ToFrozenDictionary();
    }
}
