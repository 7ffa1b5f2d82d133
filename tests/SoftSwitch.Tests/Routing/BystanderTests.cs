using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// One port does all that it can to use up what others need, or to draw it to itself, for ten seconds. A guest beside it and one in another
/// network, who ping their gateway and a host behind the router outside ten times a second, lose nothing. They believe whatever they hear
/// about their gateway, as kernels do.
/// </summary>
public sealed class BystanderTests
{
    private const int Rounds = 100;

    /// <summary>What the attacker sends in a round, by how it is called.</summary>
    private static readonly Dictionary<string, (int Port, Func<int, IEnumerable<byte[]>> Frames)> s_attacks = new()
    {
        ["asks for silent neighbors inside"] =
            (Guest0, round => Many(200, i => From(Guest0, $"10.10.0.{7 + (200 * round + i) % 240}").Build())),
        ["asks for silent neighbors outside"] =
            (Guest0, round => Many(200, i => From(Guest0, $"203.0.113.{2 + (200 * round + i) % 250}").Build())),
        ["asks for the router beside many others"] =
            (Guest0, round => Many(200, i => From(Guest0, i % 2 == 0 ? "198.51.100.7" : $"203.0.113.{2 + i % 250}").Build())),
        ["claims the gateway's address"] = (Guest0, _ =>
            Many(50, i => Arp((ushort)(1 + i % 2), GuestMac(Guest0), "10.10.0.1", "10.10.0.1"))),
        ["claims the gateway's address toward a guest"] =
            (Guest0, _ => Many(50, _ => Arp(ArpMessage.Reply, GuestMac(Guest0), "10.10.0.1", GuestAddress(Guest1), GuestMac(Guest1)))),
        ["claims a guest's address toward the gateway"] = (Guest0, _ =>
            Many(50, i => Arp((ushort)(1 + i % 2), GuestMac(Guest0), GuestAddress(Guest1), "10.10.0.1", GatewayMac))),
        ["claims every address"] = (Guest0, round => Many(200, i =>
            Arp(ArpMessage.Request, GuestMac(Guest0), $"10.10.0.{1 + (200 * round + i) % 253}", "10.10.0.1", GatewayMac))),
        ["claims a guest's address from many MACs"] = (Guest0, round => Many(100, i =>
            Arp(ArpMessage.Request, Stations.Mac((uint)(1_000 + 100 * round + i)), GuestAddress(Guest1), "10.10.0.1", GatewayMac))),
        ["provokes errors from many MACs"] = (Guest0, _ => Many(200, i =>
            (From(Guest0, "10.10.0.1") with { Source = Stations.Mac((uint)(100 + i % 48)) }).Build())),
        ["lets packets wait from many MACs"] = (Guest0, round => Many(200, i => (From(Guest0, $"203.0.113.{2 + i % 250}") with
        {
            Source = Stations.Mac((uint)(100 + i % 48)), Payload = 1_400, From = $"10.10.0.{10 + round % 200}",
        }).Build())),
        ["claims the router's address outside"] = (Uplink, _ => Many(50, i =>
            Arp((ushort)(1 + i % 2), 0x0600_0000_0666, "203.0.113.254", "203.0.113.1", i % 3 == 0 ? Stations.Broadcast : OutsideMac))),
        ["asks from every address outside"] = (Uplink, round => Many(200, i => Arp(ArpMessage.Request, 0x0600_0000_0666,
            $"203.0.113.{2 + (200 * round + i) % 253}", "203.0.113.1"))),
    };

    public static TheoryData<string> Attacks => [.. s_attacks.Keys];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Who_uses_up_all_that_he_can_costs_others_nothing(string attack)
    {
        using var world = new WorldRig();
        var (attacker, frames) = s_attacks[attack];
        int[] bystanders = attacker == Guest0 ? [Guest1, Other] : [Guest0, Guest1, Other];
        var answers = bystanders.ToDictionary(port => port, _ => 0);
        var gateways = bystanders.ToDictionary(port => port, port => port == Other ? world.OtherGateway.Mac : world.Gateway.Mac);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var frame in frames(round))
                world.Rig.Send(attacker, frame);
            world.Rig.Turn();
            foreach (var port in bystanders)
            {
                var own = port == Other ? "10.20.0.5" : GuestAddress(port);
                foreach (var pinged in new[] { port == Other ? "10.20.0.1" : "10.10.0.1", "198.51.100.99" })
                {
                    var frame = FrameOf(port, NatPacket.Parse($"icmp {own} > {pinged} type=8 id={2 + port}").Build());
                    gateways[port].Write(frame);
                    world.Rig.Carry(port, frame);
                }
            }
            Answer(world, answers, gateways);
            world.Rig.Now += TimeSpan.FromMilliseconds(100);
            if (round % 10 != 9)
                continue;
            world.Rig.Tick(world.Gateway);
            world.Rig.Tick(world.OtherGateway);
            world.Rig.Tick(world.Outside);
        }
        Answer(world, answers, gateways);
        Assert.All(answers, count => Assert.Equal(2 * Rounds, count.Value));
    }

    /// <summary>The bystanders and the router answer what is for them, until nothing is.</summary>
    private static void Answer(WorldRig world, Dictionary<int, int> answers, Dictionary<int, MacAddress> gateways)
    {
        for (var isMore = true; isMore;)
        {
            isMore = false;
            for (var port = 0; port <= Uplink; port++)
            {
                foreach (var frame in world.Rig.Received(port))
                {
                    if (gateways.ContainsKey(port) && IsAboutGateway(port, frame.Bytes, out var mac))
                        gateways[port] = mac;
                    if (AnswerTo(port, frame.Bytes) is { } answer)
                    {
                        world.Rig.Carry(port, answer);
                        isMore = true;
                    }
                    else if (answers.ContainsKey(port) && IsEchoReply(port, frame.Bytes))
                    {
                        answers[port]++;
                    }
                }
            }
        }
    }

    private static bool IsAboutGateway(int port, byte[] frame, out MacAddress mac)
    {
        var isArp = frame[12] == 8 && frame[13] == 6 && ArpMessage.TryRead(frame.AsSpan(14), out var message)
            && message.SenderAddress.ToString() == (port == Other ? "10.20.0.1" : "10.10.0.1");
        mac = isArp ? MacAddress.Read(frame.AsSpan(22)) : default;
        return isArp;
    }

    private static byte[]? AnswerTo(int port, byte[] frame)
    {
        var (mac, address) = port switch
        {
            Uplink => (RouterMac, "203.0.113.254"),
            Other => (Stations.Mac(50), "10.20.0.5"),
            _ => (GuestMac(port), GuestAddress(port)),
        };
        var to = MacAddress.Read(frame).Value;
        if (to != mac && to != Stations.Broadcast)
            return null;
        if (frame[12] == 8 && frame[13] == 6)
        {
            return ArpMessage.TryRead(frame.AsSpan(14), out var message) && message.Operation == ArpMessage.Request
                && message.TargetAddress.ToString() == address && message.SenderMac.Value != mac
                ? Arp(ArpMessage.Reply, mac, address, message.SenderAddress.ToString(), message.SenderMac.Value)
                : null;
        }
        if (port != Uplink || frame[13] != 0 || frame[23] != IpProtocol.Icmp || frame[34] != IcmpType.Echo)
            return null;
        var packet = NatPacket.Read(frame);
        var (source, destination) = (packet.Destination, packet.Source);
        return FrameOf(Uplink, (packet with { Source = source, Destination = destination, IcmpType = IcmpType.EchoReply }).Build());
    }

    private static bool IsEchoReply(int port, byte[] frame) => frame[12] == 8 && frame[13] == 0 && frame[23] == IpProtocol.Icmp
        && frame[34] == IcmpType.EchoReply && MacAddress.Read(frame).Value == (port == Other ? Stations.Mac(50) : GuestMac(port));

    private static IEnumerable<byte[]> Many(int count, Func<int, byte[]> frame) => Enumerable.Range(0, count).Select(frame);
}
