using System.Buffers.Binary;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A tag that names no VLAN says only how urgent a frame is (IEEE 802.1Q, 6.9): stations of ours take it off.</summary>
public sealed class PriorityTests
{
    private const PortOffloads Super = PortOffloads.Checksum | PortOffloads.TcpV4;

    public static TheoryData<string, ushort, int> Packets
    {
        get
        {
            TheoryData<string, ushort, int> rows = [];
            foreach (var type in new[] { EtherType.Vlan, EtherType.ServiceVlan })
            {
                foreach (var tags in new[] { 1, 2 })
                {
                    rows.Add("udp 10.10.0.5:4000 > 198.51.100.7:53 len=4", type, tags);
                    rows.Add("udp 10.10.0.5:4000 > 198.51.100.7:53 len=1400", type, tags);
                    rows.Add("tcp 10.10.0.5:4000 > 198.51.100.7:80 S", type, tags);
                    rows.Add("icmp 10.10.0.5 > 198.51.100.7 type=8 id=3", type, tags);
                    rows.Add("icmp 10.10.0.5 > 10.10.0.1 type=8 id=3", type, tags);
                    rows.Add("udp 10.10.0.5:4000 > 10.10.0.1:9 len=20", type, tags);
                    rows.Add("udp 10.10.0.5:4000 > 10.20.0.5:9 len=20", type, tags);
                }
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_packet_with_a_priority_goes_where_it_goes_without(string text, ushort type, int tags)
    {
        var frame = FrameOf(Guest0, NatPacket.Parse(text).Build());
        Assert.Equal(Heard(frame, default), Heard(Tagged(frame, type, tags), default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_super_frame_and_a_partial_checksum_go_on_as_without(int tags)
    {
        var packet = NatPacket.Parse("tcp 10.10.0.5:4000 > 198.51.100.7:80 S len=4000");
        var frame = FrameOf(Guest0, packet.Build(isPartial: true));
        var offload = packet.Offload();
        (offload.GsoType, offload.GsoSize) = (GsoType.TcpV4, 1000);
        var shifted = offload;
        shifted.ChecksumStart += (ushort)(4 * tags);
        foreach (var offloads in new[] { PortOffloads.None, PortOffloads.Checksum, Super })
        {
            var expected = Heard(frame, offload, offloads);
            Assert.NotEmpty(expected[Uplink]);
            Assert.Equal(expected, Heard(Tagged(frame, EtherType.Vlan, tags), shifted, offloads));
        }
    }

    [Fact]
    public void An_answer_from_the_wire_with_a_priority_comes_to_the_guest_without()
    {
        using var world = new WorldRig();
        world.Say(Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53 len=20");
        var asked = Assert.Single(world.Heard(Uplink));
        var answer = FrameOf(Uplink, NatPacket.Parse($"udp 198.51.100.7:53 > 203.0.113.1:{asked.SourcePort} len=30").Build());
        world.Rig.Carry(Uplink, Tagged(answer, EtherType.Vlan, 1));
        Assert.Equal(30, Assert.Single(world.Heard(Guest0)).Payload.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_question_with_a_priority_is_answered_without(int tags)
    {
        using var net = new GatewayRig();
        net.Rig.Carry(0, Tagged(Arp(ArpMessage.Request, GuestMac(0), GuestAddress(0), "10.10.0.1"), EtherType.Vlan, tags));
        var found = Assert.Single(ReceivedArp.Of(net.Rig.Received(0)));
        Assert.Equal((ArpMessage.Reply, GatewayMac), (found.Message.Operation, found.Message.SenderMac.Value));
        // The others hear it as it came.
        Assert.Equal(EtherType.Vlan, BinaryPrimitives.ReadUInt16BigEndian(Assert.Single(net.Rig.Received(1)).Bytes.AsSpan(12)));
    }

    [Fact]
    public void What_is_in_a_VLAN_is_none_of_its_business()
    {
        using var net = new GatewayRig();
        net.Introduce();
        net.Rig.Carry(0, Tagged(Echo(0, "10.10.0.1"), EtherType.Vlan, 1, content: 0xE001));
        net.Rig.Carry(0, Tagged(Tagged(Echo(0, "10.10.0.1"), EtherType.Vlan, 1, content: 7), EtherType.Vlan, 1));
        net.Rig.Carry(0, Tagged(Arp(ArpMessage.Request, GuestMac(0), GuestAddress(0), "10.10.0.1"), EtherType.Vlan, 1, content: 1));
        Assert.Equal(2, net.Rig.InDrops(0, DropReason.NotRouted));
        Assert.Empty(net.Rig.Received(0));
    }

    /// <summary>What everybody hears when the first guest has said a frame.</summary>
    private static List<string>[] Heard(byte[] frame, VirtioNetHeader offload, PortOffloads offloads = PortOffloads.None)
    {
        using var world = new WorldRig(offloads: offloads);
        world.Rig.Carry(Guest0, frame, offload);
        return
        [
            .. Enumerable.Range(0, 5).Select(port => world.Rig.Received(port)
                .Select(heard => $"{Convert.ToHexString(heard.Bytes)} {heard.Offload.GsoType} {heard.Offload.GsoSize} "
                    + $"{heard.Offload.HeaderLength} {heard.Offload.NeedsChecksum} {heard.Offload.ChecksumStart}").ToList()),
        ];
    }

    private static byte[] Tagged(byte[] frame, ushort type, int tags, ushort content = 0xE000)
    {
        var tag = new byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(tag, type);
        BinaryPrimitives.WriteUInt16BigEndian(tag.AsSpan(2), content);
        return tags == 0 ? frame : Tagged([.. frame[..12], .. tag, .. frame[12..]], type, tags - 1, content);
    }
}
