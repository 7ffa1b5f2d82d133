using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A flow stays on its way. Where its packets would leave by another, or its address is gone, the guest notices.</summary>
public sealed class EndedFlowTests
{
    private const string Guest = "10.10.0.5:4000", Server = "198.51.100.7:80";
    private const byte Reset = (byte)(TcpFlags.Rst | TcpFlags.Ack);

    [Fact]
    public void Who_goes_on_with_a_connection_that_is_led_elsewhere_is_reset_and_nothing_of_it_leaves()
    {
        using var world = new WaysRig();
        var port = Connect(world);
        world.Routes.Drop();
        world.Say(Guest0, $"tcp {Guest} > {Server} A seq=101 ack=501 len=10");
        world.Answer(_ => world.ByVpn);
        // One that waited for the answer, and one that finds it.
        world.Say(Guest0, $"tcp {Guest} > {Server} A seq=111 ack=501 len=10");
        world.Say(Guest0, $"tcp {Guest} > {Server} AF seq=121 ack=521");
        var told = world.Heard(Guest0);
        Assert.Equal([(501U, 111U), (501U, 121U), (521U, 122U)], told.Select(packet => (packet.Sequence, packet.Acknowledgement)));
        Assert.All(told, packet => Assert.Equal(("198.51.100.7", 80, 4000, Reset),
            ($"{packet.Source}", (int)packet.SourcePort, (int)packet.DestinationPort, packet.Flags)));
        // What the guest itself resets is nobody's business any more, and is not answered.
        world.Say(Guest0, $"tcp {Guest} > {Server} R seq=111");
        Assert.Empty(world.Packets(Guest0));
        Assert.Empty(world.Packets(Nic));
        Assert.Empty(world.Packets(Vpn));
        Assert.Equal(3, world.Rig.InDrops(Guest0, DropReason.WayChanged) + world.Gateway.Total().InDrops(DropReason.WayChanged));

        // A new connection goes the new way, and the old one goes on where it leads again.
        world.Say(Guest0, $"tcp 10.10.0.5:4001 > {Server} S seq=100");
        Assert.Single(world.Heard(Vpn));
        world.Routes.Drop();
        world.Say(Guest0, $"tcp {Guest} > {Server} A seq=101 ack=501 len=10");
        world.Answer(_ => world.ByNic);
        Assert.Equal(port, Assert.Single(world.Heard(Nic)).SourcePort);
    }

    [Theory]
    [InlineData(NoWay.Unreachable, true)]
    [InlineData(NoWay.Prohibited, true)]
    [InlineData(NoWay.Blackhole, false)]
    [InlineData(NoWay.NoRoute, false)]
    public void What_the_host_forbids_ends_connections_and_what_may_pass_does_not(NoWay why, bool ends)
    {
        using var world = new WaysRig();
        Connect(world);
        world.Routes.Drop();
        world.Say(Guest0, $"tcp {Guest} > {Server} A seq=101 ack=501 len=10");
        world.Answer(_ => null, why);
        if (ends)
            Assert.Equal((501U, Reset), world.Heard(Guest0).ConvertAll(packet => (packet.Sequence, packet.Flags)).Single());
        else
            Assert.DoesNotContain(world.Packets(Guest0), frame => frame.Bytes[23] == IpProtocol.Tcp);
        Assert.Empty(world.Packets(Nic));

        // Nobody has ever heard of this one: an error is all that there is to say.
        world.Say(Guest0, "tcp 10.10.0.5:4001 > 198.51.100.7:80 A seq=101 ack=501 len=10");
        Assert.DoesNotContain(world.Packets(Guest0), frame => frame.Bytes[23] == IpProtocol.Tcp);
    }

    [Fact]
    public void Datagrams_that_are_led_elsewhere_go_on_there()
    {
        using var world = new WaysRig();
        world.Say(Guest0, $"udp {Guest} > {Server}");
        world.Answer(_ => world.ByNic);
        world.Routes.Drop();
        world.Say(Guest0, $"udp {Guest} > {Server}");
        world.Answer(_ => world.ByVpn);
        Assert.Single(world.Heard(Nic));
        Assert.Single(world.Heard(Vpn));
        Assert.Empty(world.Packets(Guest0));
    }

    [Fact]
    public void What_is_told_of_flows_whose_address_is_gone_is_about_what_the_guest_has_sent()
    {
        using var world = new WaysRig();
        world.ByNic.Translator.SetForwards(0, [new(new(IpProtocol.Udp, 5353, 5353), Ipv4Address.Parse("10.10.0.5"), 53)], world.Rig.Now);
        world.Routes.Add(Ipv4Address.Parse("198.51.100.7"), world.To(world.ByNic, Ipv4Address.Parse("198.51.100.7")), [],
            world.Rig.Port(Guest0), world.Rig.Now + Lifetime, 0);
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:7000 len=30");
        world.Say(Guest0, "icmp 10.10.0.5 > 198.51.100.7 type=8 id=77");
        // A question that was answered is over; what a stranger began is, where nobody has answered.
        world.Say(Guest0, "udp 10.10.0.5:4001 > 198.51.100.7:53");
        var question = world.Heard(Nic)[^1];
        world.Say(Nic, $"udp 198.51.100.7:53 > 203.0.113.1:{question.SourcePort}");
        world.Say(Nic, "udp 198.51.100.7:9 > 203.0.113.1:5353");
        world.Heard(Guest0);
        End(world, world.ByNic);
        var told = world.Packets(Guest0).ConvertAll(ReceivedIcmp.Of);
        Assert.Equal([IpProtocol.Udp, IpProtocol.Icmp], told.Select(error => error.Rest[9]).OrderDescending());
        Assert.All(told, error => Assert.Equal((3, (int)IcmpUnreachable.Prohibited, "10.10.0.1", "10.10.0.5"),
            ((int)error.Type, (int)error.Code, error.From, error.To)));
        var udp = told.Single(error => error.Rest[9] == IpProtocol.Udp).Rest;
        var icmp = told.Single(error => error.Rest[9] == IpProtocol.Icmp).Rest;
        Assert.Equal(("10.10.0.5", "198.51.100.7", 4000, 7000),
            ($"{Ipv4Address.Read(udp.AsSpan(12))}", $"{Ipv4Address.Read(udp.AsSpan(16))}", udp[20] << 8 | udp[21], udp[22] << 8 | udp[23]));
        Assert.Equal((8, 77), ((int)icmp[20], icmp[24] << 8 | icmp[25]));
    }

    [Fact]
    public void A_connection_that_one_side_has_closed_is_told_of_and_one_that_is_over_is_not()
    {
        using var world = new WaysRig();
        var port = Connect(world);
        world.Say(Guest0, $"tcp {Guest} > {Server} AF seq=101 ack=501");
        world.Say(Nic, $"tcp {Server} > 203.0.113.1:{port} A seq=501 ack=102");
        world.Heard(Guest0);
        End(world, world.ByNic);
        Assert.Equal(501U, Assert.Single(world.Heard(Guest0)).Sequence);

        world.Say(Nic, $"tcp {Server} > 203.0.113.1:{port} AF seq=501 ack=102");
        world.Say(Guest0, $"tcp {Guest} > {Server} A seq=102 ack=502");
        world.Heard(Guest0);
        End(world, world.ByNic);
        Assert.Empty(world.Heard(Guest0));
    }

    /// <summary>A connection by the NIC; the port that it has there.</summary>
    private static ushort Connect(WaysRig world)
    {
        world.Say(Guest0, $"tcp {Guest} > {Server} S seq=100");
        world.Answer(_ => world.ByNic);
        var port = Assert.Single(world.Heard(Nic)).SourcePort;
        world.Say(Nic, $"tcp {Server} > 203.0.113.1:{port} SA seq=500 ack=101");
        world.Say(Guest0, $"tcp {Guest} > {Server} A seq=101 ack=501");
        world.Heard(Guest0);
        world.Heard(Nic);
        return port;
    }

    private static void End(WaysRig world, Outside way)
    {
        var open = new List<OpenFlow>();
        way.Translator.CopyOpenTo(open, 0, way.Translator.SlotCount, world.Rig.Now);
        open.ForEach(flow => world.Gateway.End(flow));
        world.Rig.Resume(world.Gateway);
    }
}
