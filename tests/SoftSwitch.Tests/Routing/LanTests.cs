using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;
using static SoftSwitch.Tests.Routing.LanRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Addresses of our own on one LAN are machines there, to each other as well: what is for one of them is switched, and never sent
/// where it would have to come back.</summary>
public sealed class LanTests
{
    [Theory]
    [InlineData("udp", "", "")]
    [InlineData("tcp", " S", " SA")]
    public void Two_speak_to_each_other_and_nobody_else_hears_it(string protocol, string asks, string answers)
    {
        using var lan = new LanRig();
        for (var i = 0; i < 3; i++)
        {
            lan.Say(GuestC, $"{protocol} 10.12.0.5:4000 > 192.0.2.11:8000{asks} len={10 + i}");
            var heard = Assert.Single(lan.Heard(GuestD));
            Assert.Equal(("192.0.2.10", "10.13.0.5", 7000, 10 + i),
                (heard.Source.ToString(), heard.Destination.ToString(), heard.DestinationPort, heard.Payload.Length));
            lan.Say(GuestD, $"{protocol} 10.13.0.5:7000 > 192.0.2.10:{heard.SourcePort}{answers} len={20 + i}");
            var answer = Assert.Single(lan.Heard(GuestC));
            Assert.Equal(("192.0.2.11", 8000, "10.12.0.5", 4000, 20 + i), (answer.Source.ToString(), answer.SourcePort,
                answer.Destination.ToString(), answer.DestinationPort, answer.Payload.Length));
        }
        AssertNobodyElseHeard(lan);
    }

    [Fact]
    public void A_burst_of_both_stays_in_order()
    {
        using var lan = new LanRig();
        for (var i = 0; i < 40; i++)
        {
            lan.Rig.Send(GuestC, Frame(GuestC, $"udp 10.12.0.5:4000 > 192.0.2.11:8000 len={100 + i}"));
            lan.Rig.Send(GuestD, Frame(GuestD, $"udp 10.13.0.5:4000 > 192.0.2.10:8000 len={100 + i}"));
        }
        lan.Rig.Turn();
        foreach (var guest in new[] { GuestC, GuestD })
            Assert.Equal(Enumerable.Range(100, 40), lan.Heard(guest).Select(packet => packet.Payload.Length));
        AssertNobodyElseHeard(lan);
    }

    [Fact]
    public void One_answers_the_others_echo_requests()
    {
        using var lan = new LanRig();
        lan.Say(GuestC, "icmp 10.12.0.5 > 192.0.2.11 type=8 id=3 len=20");
        var answer = Assert.Single(lan.Heard(GuestC));
        Assert.Equal((IcmpType.EchoReply, "192.0.2.11", 3), (answer.IcmpType, answer.Source.ToString(), answer.SourcePort));
        AssertNobodyElseHeard(lan);
    }

    [Fact]
    public void What_one_refuses_is_told_to_the_other_s_guest()
    {
        using var lan = new LanRig(mtuOfD: 1000);
        // Its last hop would be D's gateway.
        lan.Say(GuestC, "udp 10.12.0.5:4000 > 192.0.2.11:8000 len=20", ttl: 2);
        var expired = ReceivedIcmp.Of(Assert.Single(lan.Packets(GuestC)));
        Assert.Equal((IcmpType.TimeExceeded, "192.0.2.11", "10.12.0.5"), (expired.Type, expired.From, expired.To));
        lan.Say(GuestC, "udp 10.12.0.5:4000 > 192.0.2.11:8000 len=1200 df");
        var tooLong = ReceivedIcmp.Of(Assert.Single(lan.Packets(GuestC)));
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpUnreachable.FragmentationNeeded, (ushort)1000, "192.0.2.11"),
            (tooLong.Type, tooLong.Code, tooLong.Mtu, tooLong.From));
        Assert.Empty(lan.Packets(GuestD));
        AssertNobodyElseHeard(lan);
    }

    [Fact]
    public void Super_frames_and_partial_checksums_cross_as_they_are()
    {
        using var lan = new LanRig(PortOffloads.Checksum | PortOffloads.TcpV4);
        lan.Say(GuestC, "tcp 10.12.0.5:4000 > 192.0.2.11:8000 S");
        Assert.Single(lan.Packets(GuestD));
        var packet = NatPacket.Parse("tcp 10.12.0.5:4000 > 192.0.2.11:8000 A seq=1 ack=1 len=8000");
        var offload = packet.Offload();
        (offload.GsoType, offload.GsoSize) = (GsoType.TcpV4, 1000);
        lan.Rig.Carry(GuestC, FrameOf(GuestC, packet.Build(isPartial: true)), offload);
        var heard = Assert.Single(lan.Packets(GuestD));
        Assert.Equal((GsoType.TcpV4, 1000, true), (heard.Offload.GsoType, heard.Offload.GsoSize, heard.Offload.NeedsChecksum));
        Assert.Equal(14 + 20 + 20 + 8000, heard.Bytes.Length);
        AssertNobodyElseHeard(lan);
    }

    [Theory]
    [InlineData(Host, "192.0.2.2", HostMac)]
    [InlineData(Beside, "192.0.2.77", BesideMac)]
    public void Host_and_guests_beside_it_reach_it_and_are_reached_and_the_wire_carries_none_of_it(int port, string address, ulong mac)
    {
        using var lan = new LanRig();
        lan.Rig.Carry(port, Arp(ArpMessage.Request, mac, address, "192.0.2.10"));
        Assert.Contains(ReceivedArp.Of(lan.Rig.Received(port)), arp => arp.Message.SenderMac.Value == MacC);
        lan.Say(port, $"udp {address}:5000 > 192.0.2.10:8000 len=30");
        Assert.Equal(address, Assert.Single(lan.Heard(GuestC)).Source.ToString());
        lan.Say(GuestC, $"udp 10.12.0.5:7000 > {address}:5000 len=31");
        var answer = Assert.Single(lan.Heard(port));
        Assert.Equal(("192.0.2.10", 8000), (answer.Source.ToString(), answer.SourcePort));
        // And by what the guest begins.
        lan.Say(GuestC, $"udp 10.12.0.5:4000 > {address}:53 len=32");
        Assert.Equal(32, Assert.Single(lan.Heard(port)).Payload.Length);
        Assert.Empty(lan.Packets(Router));
        Assert.Empty(lan.Packets(GuestD));
    }

    [Fact]
    public void What_nobody_asked_for_ends_at_the_other()
    {
        using var lan = new LanRig();
        lan.Say(GuestC, "udp 10.12.0.5:4000 > 192.0.2.11:9 len=20");
        lan.Say(GuestC, "tcp 10.12.0.5:4000 > 192.0.2.11:9 S");
        lan.Say(GuestC, "icmp 10.12.0.5 > 192.0.2.11 type=13 id=3 len=12");
        Assert.Empty(lan.Packets(GuestC));
        Assert.Empty(lan.Packets(GuestD));
        AssertNobodyElseHeard(lan);
    }

    [Fact]
    public void Whatever_is_said_there_by_whomever_comes_to_an_end()
    {
        using var lan = new LanRig();
        var random = new Random(7);
        string[] addresses = ["10.12.0.5", "10.13.0.5", "192.0.2.10", "192.0.2.11", "192.0.2.2", "192.0.2.77", "192.0.2.1", "198.51.100.7"];
        ulong[] macs = [MacC, MacD, HostMac, BesideMac, Stations.Broadcast, GuestMac(9)];
        string[] ports = ["4000", "8000", "7000"], flags = ["S", "SA", "R", "FA"], types = ["0", "3", "5", "8", "11", "13"];
        T Any<T>(T[] some) => some[random.Next(some.Length)];
        for (var i = 0; i < 20_000; i++)
        {
            var (port, from, to) = (random.Next(5), Any(addresses), Any(addresses));
            var packet = random.Next(3) switch
            {
                0 => $"udp {from}:{Any(ports)} > {to}:{Any(ports)} len=9",
                1 => $"tcp {from}:{Any(ports)} > {to}:{Any(ports)} {Any(flags)}",
                _ => $"icmp {from} > {to} type={Any(types)} id=3 len=30",
            };
            var frame = random.Next(4) == 0 ? Arp((ushort)random.Next(1, 3), Any(macs), from, to, Any(macs))
                : FrameOf(port, (NatPacket.Parse(packet) with { Ttl = Any<byte>([1, 2, 3, 64]) }).Build());
            if (port > GuestD && random.Next(2) == 0)
                new MacAddress(Any(macs)).Write(frame);
            // The rig holds its books against each other after every turn.
            lan.Rig.Carry(port, frame);
            if (i % 100 == 0)
                lan.Rig.Now += TimeSpan.FromSeconds(1);
            for (var heard = 0; heard < 5; heard++)
                lan.Rig.Received(heard);
        }
    }

    private static byte[] Frame(int port, string packet) => FrameOf(port, NatPacket.Parse(packet).Build());

    private static void AssertNobodyElseHeard(LanRig lan)
    {
        foreach (var port in new[] { Router, Host, Beside })
            Assert.Empty(lan.Packets(port));
    }
}
