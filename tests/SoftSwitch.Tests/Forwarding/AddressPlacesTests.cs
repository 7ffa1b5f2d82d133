using System.Buffers.Binary;
using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Budgets;
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

    private static readonly Ipv6Address s_address6 = Ipv6Address.Parse("fe80::77");

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
        Assert.Equal((_rig.Member(Thief), _rig.Member(Home), s_address), (news.By, news.At, news.Said.Ipv4));
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

    /// <summary>All at once: who takes over most has his port's share of what is said to all, and not that of another port.</summary>
    [Fact]
    public void Who_takes_over_many_addresses_keeps_no_other_port_s_from_being_announced()
    {
        var (greedy, modest) = (_rig.Add(), _rig.Add());
        for (uint i = 0; i <= Limits.Claims.Most; i++)
            _rig.Carry(Home, Contest.Arp(Mac(1), Address(i)));
        for (uint i = 1; i <= Limits.Claims.Most; i++)
            _rig.Carry(greedy, Contest.Arp(Mac(4), Address(i)));
        _rig.Carry(modest, Contest.Arp(Mac(5), Address(0)));
        _rig.Received(Friend);
        Wait(6_000);
        var announced = _rig.Received(Friend).Select(frame => ArpMessage.TryRead(frame.Bytes.AsSpan(14), out var said) ? said : default)
            .Select(said => (said.SenderMac.Value, said.SenderAddress)).ToList();
        Assert.Equal(Limits.Claims.Most + 1, announced.Count);
        Assert.Contains((Mac(5), Address(0)), announced);

        static Ipv4Address Address(uint number) => new(0x0A09_0100 + number);
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
            Owners = new Dictionary<SaidAddress, MacAddress> { [new(router, default)] = new(Mac(9)) }.ToFrozenDictionary(),
            Own = [new(host, default), new(default, s_address6)],
        };
        _rig.Carry(Thief, Discovery(136, 2));
        _rig.Carry(Thief, Contest.Arp(Mac(2), host));
        Assert.Equal(2, _rig.InDrops(Thief, DropReason.AddressTaken));
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

    public static TheoryData<string, byte, string> Discoveries() => new()
    {
        { "an advertisement", 136, "" },
        { "a question", 135, "" },
        { "a router's question", 133, "" },
        { "a router's advertisement", 134, "" },
        { "a redirect", 137, "" },
        { "an advertisement behind a header", 136, "header" },
        { "an advertisement behind many headers", 136, "headers" },
        { "an advertisement with a priority", 136, "priority" },
        { "an advertisement with ten priorities", 136, "priorities" },
    };

    [Theory]
    [MemberData(nameof(Discoveries))]
    public void Of_IPv6_neighbor_discovery_says_the_same(string kind, byte type, string wrapping)
    {
        Assert.NotEmpty(kind);
        _rig.Carry(Home, Discovery(136, 1));
        _rig.Carry(Friend, Frame(Broadcast, Mac(3)));
        _rig.Received(Home);
        _rig.Received(Friend);
        for (var second = 0; second < 10; second++)
        {
            _rig.Carry(Thief, Discovery(type, 2, wrapping));
            _rig.Carry(Thief, Discovery(type, 2, wrapping));
            foreach (var frame in _rig.Received(Home))
            {
                Assert.Equal((Mac(1), Rig.AskerMac.Value),
                    (MacAddress.Read(frame.Bytes).Value, MacAddress.Read(frame.Bytes.AsSpan(6)).Value));
                Assert.True(Ipv6Layout.TryRead(frame.Bytes, 14, out var packet));
                Assert.Equal((135, NeighborDiscovery.LinkLocalOf(Rig.AskerMac)), (frame.Bytes[packet.TransportOffset], packet.Source));
                Assert.Equal((s_address6, s_address6),
                    (packet.Destination, Ipv6Address.Read(frame.Bytes.AsSpan(packet.TransportOffset + 8))));
                var sum = PseudoHeader.Sum(frame.Bytes, 14, true, IpProtocol.IcmpV6, 32);
                sum.Add(frame.Bytes.AsSpan(54));
                Assert.Equal(0, sum.Value);
                _rig.Carry(Home, Discovery(136, 1));
                Assert.Single(_rig.Received(Friend));
            }
            Wait(1_000);
            // What isn't answered at once is asked again; the answer is heard.
            foreach (var _ in _rig.Received(Home))
                _rig.Carry(Home, Discovery(136, 1));
            _rig.Received(Friend);
        }
        _rig.Carry(Thief, Discovery(type, 2, wrapping));
        Assert.Empty(_rig.Received(Friend));
        Assert.True(_rig.InDrops(Thief, DropReason.AddressElsewhere) + _rig.InDrops(Thief, DropReason.PacketMalformed) == 21);
        Assert.Equal(wrapping == "headers" ? "::" : s_address6.ToString(),
            _rig.Bridge().AddressPlaces.Moves.TakeNews().SingleOrDefault()?.Said.Ipv6.ToString() ?? "::");
    }

    [Fact]
    public void An_address_of_IPv6_moves_from_who_has_gone_and_is_announced()
    {
        _rig.Carry(Home, Discovery(136, 1));
        _rig.Carry(Thief, Discovery(136, 2));
        _rig.Received(Friend);
        Wait(3_000);
        var frame = Assert.Single(_rig.Received(Friend)).Bytes;
        Assert.Equal((0x3333_0000_0001UL, Mac(2)), (MacAddress.Read(frame).Value, MacAddress.Read(frame.AsSpan(6)).Value));
        Assert.True(Ipv6Layout.TryRead(frame, 14, out var packet));
        Assert.Equal((s_address6, Ipv6Address.Parse("ff02::1")), (packet.Source, packet.Destination));
        Assert.Equal(Discovery(136, 2)[54..], frame[54..]);
        _rig.Carry(Thief, Discovery(136, 2));
        Assert.Single(_rig.Received(Friend));
    }

    [Fact]
    public void What_is_no_word_about_an_address_or_in_a_VLAN_goes_its_way()
    {
        _rig.Carry(Home, Discovery(136, 1));
        _rig.Received(Friend);
        var search = Discovery(135, 2);
        search.AsSpan(22, 16).Clear();
        foreach (var frame in new[] { search, Discovery(136, 2, "vlan"), Discovery(128, 2), Discovery(143, 2) })
            _rig.Carry(Thief, frame);
        Assert.Equal(4, _rig.Received(Friend).Count);
    }

    [Theory]
    [InlineData(14, 6)]
    [InlineData(54, 0)]
    [InlineData(52, 2)]
    [InlineData(54, 2)]
    public void A_packet_that_an_output_would_complete_to_such_a_word_is_dropped(ushort start, ushort offset)
    {
        var frame = Discovery(start == 54 && offset == 2 ? (byte)136 : (byte)200, 2);
        if (start == 14)
            frame[20] = IpProtocol.Udp;
        _rig.Carry(Thief, frame, new() { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = start, ChecksumOffset = offset });
        Assert.Equal(1, _rig.InDrops(Thief, DropReason.OffloadInvalid));
        Assert.Empty(_rig.Received(Friend));
    }

    public void Dispose() => _rig.Dispose();

    /// <summary>A message about the address, with the sender's MAC address beside it.</summary>
    private static byte[] Discovery(byte type, uint station, string wrapping = "")
    {
        var message = new byte[32];
        message[0] = type;
        message[4] = 0x20;
        s_address6.Write(message.AsSpan(8));
        (message[24], message[25]) = (2, 1);
        new MacAddress(Mac(station)).Write(message.AsSpan(26));
        var headers = wrapping switch { "header" => 1, "headers" => 40, _ => 0 };
        var packet = new byte[40 + 8 * headers + message.Length];
        packet[0] = 0x60;
        packet[4] = (byte)((packet.Length - 40) >> 8);
        packet[5] = (byte)(packet.Length - 40);
        (packet[6], packet[7]) = (headers == 0 ? IpProtocol.IcmpV6 : IpProtocol.DestinationOptions, 255);
        s_address6.Write(packet.AsSpan(8));
        Ipv6Address.Parse("ff02::1").Write(packet.AsSpan(24));
        for (var i = 0; i < headers; i++)
            packet[40 + 8 * i] = i == headers - 1 ? IpProtocol.IcmpV6 : IpProtocol.DestinationOptions;
        message.CopyTo(packet.AsSpan(40 + 8 * headers));
        ushort[] tags = wrapping switch { "priority" => [0xE000], "priorities" => new ushort[10], "vlan" => [10], _ => [] };
        var frame = IpFrames.Ethernet(0x3333_0000_0001, Mac(station), EtherType.Ipv6, packet, tags);
        if (headers == 0 && tags.Length == 0)
        {
            var sum = PseudoHeader.Sum(frame, 14, true, IpProtocol.IcmpV6, message.Length);
            sum.Add(message);
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(56), sum.Value);
        }
        return frame;
    }

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
