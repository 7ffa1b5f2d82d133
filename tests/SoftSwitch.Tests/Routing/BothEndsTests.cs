using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A flow that loses its network, its forward or its port while the way stays open: both of its ends are told, each in the words
/// that it believes.</summary>
public sealed class BothEndsTests
{
    private const string Guest = "10.10.0.5", Server = "198.51.100.7";
    private const byte Reset = (byte)(TcpFlags.Rst | TcpFlags.Ack);

    private static readonly Ipv4Address s_guest = Ipv4Address.Parse(Guest);

    [Fact]
    public void Of_a_connection_each_end_gets_a_reset_with_the_number_that_it_expects()
    {
        using var world = World();
        var port = Connect(world);
        // Ten bytes are under way to each end, not acknowledged yet.
        world.Say(Guest0, $"tcp {Guest}:4000 > {Server}:80 A seq=101 ack=501 len=10");
        world.Say(Nic, $"tcp {Server}:80 > 203.0.113.1:{port} A seq=501 ack=101 len=10");
        Clear(world);
        End(world, ended => world.ByNic.Translator.RemovePolicy(0, world.Rig.Now, ended));
        var (inside, outside) = (world.Heard(Guest0), world.Heard(Nic));
        Assert.Equal([501U, 511U], inside.Select(packet => packet.Sequence));
        Assert.Equal([101U, 111U], outside.Select(packet => packet.Sequence));
        Assert.All(inside, packet => Assert.Equal((Server, 80, Guest, 4000, Reset, 101U), Ends(packet)));
        Assert.All(outside, packet => Assert.Equal(("203.0.113.1", (int)port, Server, 80, Reset, 501U), Ends(packet)));
        Assert.Equal(0, world.ByNic.Translator.Counters.Flows);
    }

    [Fact]
    public void Who_came_by_a_forward_is_told_when_it_goes_and_who_came_by_another_is_not()
    {
        using var world = World();
        NaptForward web = new(new(IpProtocol.Tcp, 8080, 8080), s_guest, 80), dns = new(new(IpProtocol.Udp, 5353, 5353), s_guest, 53),
            stays = new(new(IpProtocol.Tcp, 2222, 2222), s_guest, 22);
        world.ByNic.Translator.SetForwards(0, [web, dns, stays], world.Rig.Now);
        Ask(world, 8080, 80);
        Ask(world, 2222, 22);
        world.Say(Nic, $"udp {Server}:6000 > 203.0.113.1:5353");
        world.Say(Guest0, $"udp {Guest}:53 > {Server}:6000");
        Clear(world);
        End(world, ended => world.ByNic.Translator.SetForwards(0, [stays], world.Rig.Now, ended));

        var outside = world.Packets(Nic);
        var reset = NatPacket(outside, IpProtocol.Tcp);
        Assert.Equal(("203.0.113.1", 8080, Server, 5000, Reset, 501U), Ends(reset));
        Assert.Equal(101U, reset.Sequence);
        var error = ReceivedIcmp.Of(outside.Single(frame => frame.Bytes[23] == IpProtocol.Icmp));
        Assert.Equal((3, (int)IcmpUnreachable.Port, "203.0.113.1", Server), ((int)error.Type, (int)error.Code, error.From, error.To));
        // It quotes what the other end has said.
        Assert.Equal((Server, "203.0.113.1", 6000, 5353), ($"{Ipv4Address.Read(error.Rest.AsSpan(12))}",
            $"{Ipv4Address.Read(error.Rest.AsSpan(16))}", error.Rest[20] << 8 | error.Rest[21], error.Rest[22] << 8 | error.Rest[23]));
        Assert.Equal(2, world.Packets(Guest0).Count);
        Assert.Equal(2222, Assert.Single(Flows(world)).OutsidePort);
        world.Say(Nic, $"tcp {Server}:5000 > 203.0.113.1:2222 A seq=101 ack=501 len=10");
        Assert.Single(world.Heard(Guest0));
    }

    [Fact]
    public void A_pool_that_shrinks_ends_what_leaves_from_ports_that_are_not_in_it()
    {
        using var world = World();
        var port = Connect(world);
        Clear(world);
        var policy = new NaptPolicy();
        End(world, ended => world.ByNic.Translator.SetPolicy(0, policy with { FirstPort = port, LastPort = 29_999 }, world.Rig.Now, ended));
        Assert.Empty(world.Packets(Guest0));
        var others = policy with { FirstPort = 30_000, LastPort = 31_000 };
        End(world, ended => world.ByNic.Translator.SetPolicy(0, others, world.Rig.Now, ended));
        Assert.Equal(Reset, Assert.Single(world.Heard(Guest0)).Flags);
        Assert.Equal(port, Assert.Single(world.Heard(Nic)).SourcePort);
        Assert.Empty(Flows(world));
    }

    [Fact]
    public void Who_has_said_nothing_and_who_answers_echoes_is_not_told()
    {
        using var world = World();
        world.Say(Guest0, $"udp {Guest}:4000 > {Server}:7000 len=30");
        world.Say(Guest0, $"icmp {Guest} > {Server} type=8 id=77");
        Clear(world);
        End(world, ended => world.ByNic.Translator.RemovePolicy(0, world.Rig.Now, ended));
        Assert.Empty(world.Packets(Nic));
        Assert.Equal(2, world.Packets(Guest0).Count);
    }

    private static WaysRig World()
    {
        var world = new WaysRig();
        world.Routes.Add(Ipv4Address.Parse(Server), world.To(world.ByNic, Ipv4Address.Parse(Server)), [], world.Rig.Port(Guest0),
            world.Rig.Now + Lifetime, 0);
        return world;
    }

    private static ushort Connect(WaysRig world)
    {
        world.Say(Guest0, $"tcp {Guest}:4000 > {Server}:80 S seq=100");
        var port = Assert.Single(world.Heard(Nic)).SourcePort;
        world.Say(Nic, $"tcp {Server}:80 > 203.0.113.1:{port} SA seq=500 ack=101");
        world.Say(Guest0, $"tcp {Guest}:4000 > {Server}:80 A seq=101 ack=501");
        return port;
    }

    /// <summary>An outsider connects by a forward.</summary>
    private static void Ask(WaysRig world, int port, int inside)
    {
        world.Say(Nic, $"tcp {Server}:5000 > 203.0.113.1:{port} S seq=500");
        world.Say(Guest0, $"tcp {Guest}:{inside} > {Server}:5000 SA seq=100 ack=501");
        world.Say(Nic, $"tcp {Server}:5000 > 203.0.113.1:{port} A seq=501 ack=101");
    }

    private static void End(WaysRig world, Action<List<OpenFlow>> ends)
    {
        var ended = new List<OpenFlow>();
        ends(ended);
        foreach (var flow in ended)
        {
            world.Gateway.End(flow);
            world.ByNic.End(flow);
        }
        world.Rig.Resume(world.Gateway);
        world.Rig.Resume(world.ByNic);
        Assert.False(world.Gateway.IsTelling || world.ByNic.IsTelling);
    }

    private static void Clear(WaysRig world)
    {
        world.Heard(Guest0);
        world.Heard(Nic);
    }

    private static Nat.NatPacket NatPacket(List<Forwarding.ReceivedFrame> frames, byte protocol) =>
        Nat.NatPacket.Read(frames.Single(frame => frame.Bytes[23] == protocol).Bytes);

    private static List<NaptFlow> Flows(WaysRig world)
    {
        var flows = new List<NaptFlow>();
        world.ByNic.Translator.CopyTo(flows, world.Rig.Now);
        return flows;
    }

    private static (string, int, string, int, byte, uint) Ends(Nat.NatPacket packet) => ($"{packet.Source}", packet.SourcePort,
        $"{packet.Destination}", packet.DestinationPort, packet.Flags, packet.Acknowledgement);
}
