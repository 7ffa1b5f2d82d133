using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>
/// An address that somebody behind one port works with is not taken by who says behind another that he has it: neither others nor the host
/// hear that, and the one who has it is asked. Whoever has gone loses it.
/// </summary>
public sealed class AddressPlacesTests : IDisposable
{
    private const int Home = 0, Thief = 1, Friend = 2;

    private static readonly Ipv4Address s_address = new(0x0A09_004D);

    private readonly Rig _rig = new(ports: 3, asks: true);

    [Theory]
    [InlineData(ArpMessage.Request, Broadcast)]
    [InlineData(ArpMessage.Reply, Broadcast)]
    [InlineData(ArpMessage.Request, 0x0200_0000_0003)]
    [InlineData(ArpMessage.Reply, 0x0200_0000_0003)]
    public void Who_claims_an_address_that_is_answered_for_elsewhere_is_heard_by_nobody(ushort operation, ulong to)
    {
        _rig.Carry(Friend, Frame(Broadcast, Mac(3)));
        Say(Home, 1);
        _rig.Received(Friend);
        long claims = 0;
        for (var second = 0; second < 30; second++)
        {
            for (var i = 0; i < 5; i++, claims++)
                _rig.Carry(Thief, Contest.Arp(Mac(2), s_address, to, operation));
            Answer();
            Wait(1_000);
            Answer();
        }
        Assert.Empty(_rig.Received(Friend));
        Assert.Equal(claims, _rig.InDrops(Thief, DropReason.AddressElsewhere));
        var news = Assert.Single(_rig.Bridge().AddressPlaces.Moves.TakeNews());
        Assert.True(AddressPlaces.Is(news.Station.Value, out var address));
        Assert.Equal((_rig.Member(Thief), _rig.Member(Home), s_address), (news.By, news.At, address));
        // Another address of his is heard.
        _rig.Carry(Thief, Contest.Arp(Mac(2), new(0x0A09_0002)));
        Assert.Single(_rig.Received(Friend));
    }

    [Fact]
    public void Who_has_gone_is_asked_in_vain_and_all_hear_who_has_the_address_now()
    {
        Say(Home, 1);
        Say(Thief, 2);
        Assert.Equal(1, _rig.InDrops(Thief, DropReason.AddressElsewhere));
        _rig.Received(Friend);
        Wait(3_000);
        var frame = Assert.Single(_rig.Received(Friend)).Bytes;
        Assert.True(ArpMessage.TryRead(frame.AsSpan(14), out var said));
        Assert.Equal((Broadcast, Mac(2)), (MacAddress.Read(frame).Value, MacAddress.Read(frame.AsSpan(6)).Value));
        Assert.Equal(new ArpMessage(ArpMessage.Request, new(Mac(2)), s_address, default, s_address), said);
        Say(Thief, 2);
        Assert.Single(_rig.Received(Friend));
        // He was there, and had heard no question.
        Say(Home, 1);
        Assert.Single(_rig.Received(Friend));
        Say(Thief, 2);
        Assert.Empty(_rig.Received(Friend));
    }

    [Fact]
    public void Who_moves_with_his_MAC_address_takes_his_others_along_and_one_port_is_its_own_affair()
    {
        Say(Home, 1);
        Say(Home, 7);
        _rig.Received(Friend);
        // Behind one port there may be two that take turns.
        Say(Home, 1);
        Say(Home, 7);
        Assert.Equal(2, _rig.Received(Friend).Count);
        Say(Thief, 7);
        Wait(3_000);
        _rig.Received(Friend);
        Say(Thief, 7);
        Assert.Single(_rig.Received(Friend));
        Assert.Equal(0, _rig.InDrops(Thief, DropReason.AddressElsewhere));
    }

    [Fact]
    public void What_was_behind_a_port_that_is_down_is_anybodys()
    {
        Say(Home, 1);
        _rig.Bridge().SetUp(_rig.Member(Home), false);
        _rig.Received(Friend);
        Say(Thief, 2);
        Assert.Single(_rig.Received(Friend));
    }

    [Fact]
    public void The_host_and_the_LAN_settle_theirs_between_themselves()
    {
        _rig.Member(Home).Group = _rig.Member(Thief).Group = 1;
        Say(Home, 1);
        Say(Thief, 2);
        Say(Home, 1);
        Assert.Equal(3, _rig.Received(Friend).Count);
    }

    [Fact]
    public void What_the_host_has_on_the_LAN_and_whom_it_knows_there_no_guest_takes()
    {
        Ipv4Address host = new(0x0A09_0001), router = new(0x0A09_00FE);
        _rig.Member(Home).LeadsToLan = true;
        _rig.Bridge().Lan = new(_rig.Member(Home), FrozenDictionary<MacAddress, Ipv4Address>.Empty)
        {
            Owners = new Dictionary<Ipv4Address, MacAddress> { [router] = new(Mac(9)) }.ToFrozenDictionary(),
            Own = [host],
        };
        _rig.Carry(Thief, Contest.Arp(Mac(2), host));
        Assert.Equal(1, _rig.InDrops(Thief, DropReason.AddressTaken));
        _rig.Carry(Thief, Contest.Arp(Mac(2), router));
        Assert.Equal(1, _rig.InDrops(Thief, DropReason.AddressElsewhere));
        Assert.Empty(_rig.Received(Friend));
        var question = Assert.Single(_rig.Received(Home)).Bytes;
        Assert.Equal((Mac(9), Rig.AskerMac.Value), (MacAddress.Read(question).Value, MacAddress.Read(question.AsSpan(6)).Value));
        _rig.Carry(Home, Contest.Arp(Mac(9), router, Rig.AskerMac.Value, ArpMessage.Reply));
        Wait(3_000);
        _rig.Carry(Home, Contest.Arp(Mac(8), host));
        Assert.Single(_rig.Received(Friend));
        _rig.Carry(Thief, Contest.Arp(Mac(2), router));
        Assert.Empty(_rig.Received(Friend));
    }

    [Fact]
    public void Who_claims_everything_holds_no_place_of_another_s()
    {
        Say(Home, 1);
        for (uint i = 0; i < 100_000; i++)
            _rig.Carry(Thief, Contest.Arp(Mac(2), new(0x0A0A_0000 + i), to: Mac(2)));
        _rig.Received(Friend);
        Say(Thief, 2);
        Assert.Empty(_rig.Received(Friend));
    }

    public void Dispose() => _rig.Dispose();

    private void Say(int port, uint station) => _rig.Carry(port, Contest.Arp(Mac(station), s_address));

    private void Wait(int milliseconds)
    {
        for (; milliseconds > 0; milliseconds -= 100)
        {
            _rig.Now += TimeSpan.FromMilliseconds(100);
            if (milliseconds % 1_000 == 100)
                _rig.Bridge().AddressPlaces.Moves.Tick(_rig.Bridge().View, _rig.Now);
            if (_rig.Bridge().IsAsking)
                _rig.Tick(_rig.Bridge().Asker!);
        }
    }

    /// <summary>Who has the address answers what he is asked.</summary>
    private void Answer()
    {
        foreach (var frame in _rig.Received(Home))
        {
            if (MacAddress.Read(frame.Bytes).Value != Mac(1))
                continue;
            Assert.True(ArpMessage.TryRead(frame.Bytes.AsSpan(14), out var question));
            Assert.Equal(new ArpMessage(ArpMessage.Request, Rig.AskerMac, default, default, s_address), question);
            _rig.Carry(Home, Contest.Arp(Mac(1), s_address, Rig.AskerMac.Value, ArpMessage.Reply));
        }
    }
}
