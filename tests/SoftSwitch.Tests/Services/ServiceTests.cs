using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Services;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using SoftSwitch.Tests.Routing;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Services;

/// <summary>What a service at a station is handed, and how it answers.</summary>
public sealed class ServiceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_datagram_to_its_port_is_handed_to_it(bool isPartial)
    {
        using var net = new StationRig();
        var sent = StationRig.To(NoteService.Port);
        var frame = sent.Build(isPartial);
        net.Rig.Carry(0, frame, isPartial ? sent.Offload() : default);
        var note = Assert.Single(net.Notes.Notes);
        Assert.Equal(("port0", GuestMac(0), false, "10.10.0.5", (ushort)1000, "10.10.0.1"),
            (note.Input, note.Sender, note.IsForAll, note.From, note.FromPort, note.To));
        Assert.Equal(frame[42..], note.Payload);
        Assert.Equal(0, net.Rig.Counters(0).InDropsTotal);
        Assert.Empty(net.Rig.Received(0));
    }

    [Fact]
    public void Who_has_no_address_yet_asks_everybody_and_is_answered_behind_its_port_alone()
    {
        using var net = new StationRig();
        net.Rig.Carry(0, StationRig.ToAll(NoteService.Port).Build());
        var note = Assert.Single(net.Notes.Notes);
        Assert.Equal(("port0", GuestMac(0), true, "0.0.0.0", "255.255.255.255"),
            (note.Input, note.Sender, note.IsForAll, note.From, note.To));
        var answer = Assert.Single(net.Heard(0));
        Assert.Equal("udp 10.10.0.1:67 > 255.255.255.255:68", answer.ToString());
        Assert.Equal(note.Payload[..1], answer.Payload);
        // The others have heard the question, and nothing else.
        Assert.Equal(NoteService.Port, Assert.Single(net.Heard(1)).DestinationPort);
    }

    [Fact]
    public void To_all_of_the_subnet_is_to_everybody_as_well()
    {
        using var net = new StationRig();
        net.Rig.Carry(0, (StationRig.ToAll(NoteService.Port) with { From = "10.10.0.5", To = "10.10.0.255" }).Build());
        Assert.True(Assert.Single(net.Notes.Notes).IsForAll);
    }

    [Fact]
    public void What_is_flooded_and_not_for_all_is_nobodys_here()
    {
        using var net = new StationRig();
        net.Rig.Carry(0, (StationRig.ToAll(NoteService.Port) with { Destination = 0x0600_0000_0099 }).Build());
        net.Rig.Carry(0, (StationRig.ToAll(NoteService.Port) with { To = "10.10.0.77" }).Build());
        net.Rig.Carry(0, StationRig.ToAll(NoteService.Port + 1).Build());
        Assert.Empty(net.Notes.Notes);
        Assert.Equal(3, net.Rig.Received(1).Count);
    }

    [Fact]
    public void What_stands_in_borrowed_memory_is_whole_when_it_is_handed_over()
    {
        using var net = new StationRig(lendsFrom: 64);
        var asked = StationRig.ToAll(NoteService.Port, payload: 500).Build();
        net.Rig.Carry(0, asked);
        net.Rig.Carry(0, StationRig.To(NoteService.Port, payload: 500).Build());
        Assert.All(net.Notes.Notes, note => Assert.Equal(asked[42..], note.Payload));
        Assert.Equal(2, net.Notes.Notes.Count);
        Assert.Equal(asked, Assert.Single(net.Rig.Received(1)).Bytes);
    }

    [Theory]
    [InlineData(IpProtocol.Udp, 9)]
    [InlineData(IpProtocol.Tcp, NoteService.Port)]
    public void Where_there_is_none_the_sender_is_told(byte protocol, ushort port)
    {
        using var net = new StationRig();
        net.Rig.Carry(0, (StationRig.To(port) with { Protocol = protocol }).Build());
        Assert.Equal(IcmpUnreachable.Port, ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0))).Code);
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.NotRouted));
        Assert.Empty(net.Notes.Notes);
    }

    [Fact]
    public void A_station_without_services_refuses_as_one_without_this_one()
    {
        using var net = new StationRig(hasServices: false);
        net.Rig.Carry(0, StationRig.To(NoteService.Port).Build());
        net.Rig.Carry(0, StationRig.ToAll(NoteService.Port).Build());
        Assert.Equal(IcmpUnreachable.Port, ReceivedIcmp.Of(Assert.Single(net.Rig.Received(0))).Code);
    }

    public static TheoryData<string> Wrong => [.. s_wrong.Keys];

    private static readonly Dictionary<string, Action<byte[]>> s_wrong = new()
    {
        ["a wrong checksum"] = frame => frame[50] ^= 1,
        ["a length behind the packet's end"] = frame => frame[39]++,
        ["a length shorter than its header"] = frame => frame[39] = 7,
        ["no length"] = frame => frame[39] = 0,
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_contradicts_itself_is_not_handed_over(string wrong)
    {
        using var net = new StationRig();
        var (own, all) = (StationRig.To(NoteService.Port).Build(), StationRig.ToAll(NoteService.Port).Build());
        s_wrong[wrong](own);
        s_wrong[wrong](all);
        net.Rig.Carry(0, own);
        net.Rig.Carry(0, all);
        Assert.Empty(net.Notes.Notes);
        Assert.Equal(1, net.Rig.InDrops(0, DropReason.PacketMalformed));
        Assert.Equal(1, net.Station.Total().InDrops(DropReason.PacketMalformed));
        Assert.Single(net.Rig.Received(1));
    }

    /// <summary>The frame's bytes go on where the packet has ended, as padding does.</summary>
    [Theory]
    [InlineData(IpProtocol.Udp, 8)]
    [InlineData(IpProtocol.Tcp, 20)]
    public void What_is_shorter_than_its_header_is_not_handed_over(byte protocol, int header)
    {
        for (var length = 0; length < header; length++)
        {
            using var net = new StationRig();
            net.Station.Services = new(new ServiceRow(protocol, NoteService.Port, net.Notes, TestServices.Requests(10, 5)));
            foreach (var sent in new[] { StationRig.To(NoteService.Port), StationRig.ToAll(NoteService.Port) })
            {
                var frame = (sent with { Protocol = protocol }).Build();
                Ipv4Header.Write(frame.AsSpan(14, 20), 20 + length, 1, 64, protocol, Ipv4Address.Read(frame.AsSpan(26)),
                    Ipv4Address.Read(frame.AsSpan(30)));
                net.Rig.Carry(0, frame);
            }
            Assert.Empty(net.Notes.Notes);
            Assert.Equal(1, net.Rig.Counters(0).InDropsTotal);
        }
    }

    [Fact]
    public void A_datagram_without_a_checksum_is_taken_and_a_fragment_is_not()
    {
        using var net = new StationRig();
        var frame = StationRig.To(NoteService.Port).Build();
        frame.AsSpan(40, 2).Clear();
        net.Rig.Carry(0, frame);
        Assert.Single(net.Notes.Notes);
        foreach (var fragment in FragmentTests.Cut(NatPacket.Parse($"udp 10.10.0.5:1000 > 10.10.0.1:{NoteService.Port} len=100"), 64))
            net.Rig.Carry(0, WorldRig.FrameOf(WorldRig.Guest0, fragment));
        Assert.Single(net.Notes.Notes);
        // Nor is its sender told that there is no service.
        Assert.Empty(net.Heard(0));
    }

    [Fact]
    public void What_a_port_asks_for_is_counted_by_the_port_whoever_it_says_it_is()
    {
        using var net = new StationRig();
        for (var i = 0; i < 15; i++)
        {
            var mac = Forwarding.Stations.Mac((uint)(70 + i));
            net.Rig.Carry(0, (StationRig.To(NoteService.Port) with { From = $"10.10.0.{20 + i}", Source = mac }).Build());
        }
        Assert.Equal(10, net.Notes.Notes.Count);
        Assert.Equal(5, net.Rig.InDrops(0, DropReason.ServiceFlood));
        net.Rig.Carry(1, StationRig.ToAll(NoteService.Port, from: 1).Build());
        Assert.Equal(11, net.Notes.Notes.Count);
        // A question to all is heard by the others, also when it isn't answered any more.
        net.Rig.Received(1);
        net.Rig.Carry(0, StationRig.ToAll(NoteService.Port).Build());
        Assert.Equal(11, net.Notes.Notes.Count);
        Assert.Equal(1, net.Station.Total().InDrops(DropReason.ServiceFlood));
        Assert.Single(net.Rig.Received(1));
        net.Rig.Now += TimeSpan.FromSeconds(1);
        net.Rig.Carry(0, StationRig.To(NoteService.Port).Build());
        Assert.Equal(12, net.Notes.Notes.Count);
    }

    [Fact]
    public void What_becomes_due_is_said_with_a_tick()
    {
        using var net = new StationRig();
        net.Rig.Tick(net.Station);
        for (var port = 0; port < 2; port++)
        {
            Assert.Equal(99, Assert.Single(Assert.Single(net.Heard(port)).Payload));
        }
    }

    [Fact]
    public void A_gateway_has_services_too_and_still_routes()
    {
        using var world = new WorldRig();
        var notes = new NoteService();
        world.Gateway.Services = TestServices.New(notes);
        world.Say(WorldRig.Guest0, $"udp 10.10.0.5:4000 > 10.10.0.1:{NoteService.Port} len=10");
        Assert.Equal("10.10.0.5", Assert.Single(notes.Notes).From);
        world.Say(WorldRig.Guest0, $"udp 10.10.0.5:4000 > 198.51.100.7:{NoteService.Port} len=10");
        Assert.Single(world.Heard(WorldRig.Uplink));
        Assert.Single(notes.Notes);
        world.Rig.Carry(WorldRig.Guest0, (StationRig.To(NoteService.Port) with { From = "10.20.0.5" }).Build());
        Assert.Single(notes.Notes);
        Assert.Equal(1, world.Rig.InDrops(WorldRig.Guest0, DropReason.SourceOutsideSubnet));
    }
}
