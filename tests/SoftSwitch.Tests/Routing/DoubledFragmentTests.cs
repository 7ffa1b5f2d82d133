using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// Packets in fragments, in each order and with each of them doubled, on each way that there is; two with one identification, one after the
/// other.
/// </summary>
public sealed class DoubledFragmentTests
{
    public static TheoryData<string, bool, int, string, int, string> Ways => new()
    {
        { "out", false, Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53", Uplink, "198.51.100.7" },
        { "back", false, Uplink, "udp 198.51.100.7:53 > 203.0.113.1:PORT", Guest0, "10.10.0.5" },
        { "by a forward", false, Uplink, "udp 198.51.100.7:5353 > 203.0.113.1:99", Guest0, "10.10.0.5" },
        { "by a forward of a shared address", true, Uplink, "udp 198.51.100.7:5353 > 203.0.113.1:99", Guest0, "10.10.0.5" },
        { "hairpin", false, Guest1, "udp 10.10.0.6:4000 > 203.0.113.1:99", Guest0, "10.10.0.5" },
        { "hairpin from another network", true, Other, "udp 10.20.0.5:4000 > 203.0.113.1:99", Guest0, "10.10.0.5" },
        { "to the host", true, Guest1, "udp 10.10.0.6:4000 > 203.0.113.1:53", Host, "203.0.113.1" },
        { "from the host by a forward", true, Host, "udp 203.0.113.1:6000 > 169.254.83.1:99", Guest0, "10.10.0.5" },
        { "to a neighbor by the gateway", false, Guest0, "udp 10.10.0.5:4000 > 10.10.0.6:53", Guest1, "10.10.0.6" },
        { "echo to the gateway", false, Guest0, "icmp 10.10.0.5 > 10.10.0.1 type=8 id=7", Guest0, "10.10.0.5" },
        { "echo to the outside address", false, Guest0, "icmp 10.10.0.5 > 203.0.113.1 type=8 id=7", Guest0, "10.10.0.5" },
        { "echo to the shared address", true, Guest0, "icmp 10.10.0.5 > 203.0.113.1 type=8 id=7", Host, "203.0.113.1" },
        { "echo from outside to an address of our own", false, Uplink, "icmp 198.51.100.7 > 203.0.113.1 type=8 id=7", Uplink,
            "198.51.100.7" },
        { "echo from the host", true, Host, "icmp 203.0.113.1 > 169.254.83.1 type=8 id=7", Host, "203.0.113.1" },
        { "echo out", false, Guest0, "icmp 10.10.0.5 > 198.51.100.7 type=8 id=7", Uplink, "198.51.100.7" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Packets_arrive_whole_and_once_whatever_order_they_come_in_and_whatever_is_doubled(
        string way, bool isShared, int from, string text, int to, string destination)
    {
        using var world = new WorldRig(isShared);
        world.Forward(new NaptForward(new(IpProtocol.Udp, 99, 99), Ipv4Address.Parse("10.10.0.5"), 53));
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53");
        var port = Assert.Single(world.Heard(Uplink)).SourcePort;
        var identification = 0;
        foreach (var sequence in Fragments.Doubled())
        {
            foreach (var order in Fragments.Orders)
            {
                var first = NatPacket.Parse($"{text.Replace("PORT", $"{port}")} len=2000 ip={++identification}");
                var second = first with { Payload = [.. first.Payload.Select(one => (byte)~one)] };
                var name = $"{way}: {string.Join(' ', sequence)}, then {string.Join(' ', order)}";

                var (fragments, reassembly) = (FragmentTests.Cut(first, 800), new Reassembly());
                foreach (var i in sequence)
                    world.Rig.Carry(from, FrameOf(from, fragments[i].ToArray()));
                world.Rig.Received(to).ForEach(frame => reassembly.Add(frame.Bytes));
                Judge(first, reassembly, destination, name);

                // A receiver that is new to it, as the sender uses an identification again when nobody remembers it.
                (fragments, reassembly) = (FragmentTests.Cut(second, 800), new Reassembly());
                foreach (var i in order)
                    world.Rig.Carry(from, FrameOf(from, fragments[i].ToArray()));
                world.Rig.Received(to).ForEach(frame => reassembly.Add(frame.Bytes));
                Judge(second, reassembly, destination, name);
            }
        }
    }

    private static void Judge(NatPacket sent, Reassembly reassembly, string destination, string name)
    {
        Assert.True(reassembly.Packets.Count == 1, $"{name}: {reassembly.Packets.Count} packets");
        var heard = reassembly.Packets[0];
        Assert.True(sent.Payload.AsSpan().SequenceEqual(heard.Payload), $"{name}: another payload");
        Assert.Equal(destination, heard.Destination.ToString());
        if (sent.Protocol == IpProtocol.Icmp && heard.IcmpType == IcmpType.EchoReply)
            Assert.Equal((sent.SourcePort, sent.Destination), (heard.SourcePort, heard.Source));
    }
}
