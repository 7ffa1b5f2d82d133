using SoftSwitch.Tests.Routing;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Nat;

/// <summary>Of what may be fragmented, the outside address says no identification twice to one destination (RFC 6864, 5.3.1).</summary>
public sealed class IdentificationTests
{
    [Theory]
    [InlineData("udp", ":4000", ":53")]
    [InlineData("tcp", ":4000", ":53 S")]
    [InlineData("icmp", "", " type=8 id=7")]
    public void Hosts_that_choose_the_same_are_told_apart(string protocol, string from, string to)
    {
        using var rig = new NatRig();
        var seen = new HashSet<ushort>();
        for (var i = 0; i < 200; i++)
        {
            var packet = rig.Out($"{protocol} 10.0.0.{i % 50}{from} > 192.0.2.7{to} ip=77");
            Assert.True(seen.Add(packet.Identification), $"{packet.Identification} comes twice");
        }
        // The fragments of packets that came in some are told from all these as well.
        var fragments = FragmentTests.Cut(NatPacket.Parse("udp 10.0.0.5:4000 > 192.0.2.7:53 len=2000 ip=77"), 800)
            .Select(fragment => rig.Outbound(fragment).Frame[18..20]).ToList();
        Assert.Single(fragments.Select(Convert.ToHexString).Distinct());
        Assert.True(protocol != "udp" || seen.Add((ushort)(fragments[0][0] << 8 | fragments[0][1])));
    }

    [Fact]
    public void A_packet_that_nobody_may_fragment_keeps_what_it_has()
    {
        using var rig = new NatRig();
        Assert.Equal(77, rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53 ip=77 df").Identification);
        Assert.Equal(0, rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53 ip=0 df").Identification);
    }

    [Fact]
    public void What_comes_in_keeps_what_its_sender_chose()
    {
        using var rig = new NatRig();
        var port = rig.Out("udp 10.0.0.5:4000 > 192.0.2.7:53").SourcePort;
        Assert.Equal(78, rig.In($"udp 192.0.2.7:53 > 203.0.113.1:{port} ip=78").Identification);
    }

    [Fact]
    public void Two_hosts_packets_that_leave_in_fragments_are_told_apart()
    {
        using var world = new WorldRig(outsideMtu: 600);
        var seen = new HashSet<string>();
        foreach (var (guest, address) in new[] { (Guest0, "10.10.0.5"), (Guest1, "10.10.0.6") })
        {
            world.Say(guest, $"udp {address}:4000 > 198.51.100.7:53 len=1400 ip=77");
            var fragments = world.Rig.Received(Uplink);
            Assert.Equal(3, fragments.Count);
            Assert.True(seen.Add(Assert.Single(fragments.Select(fragment => Convert.ToHexString(fragment.Bytes, 18, 2)).Distinct())));
        }
    }

    [Fact]
    public void The_segments_of_super_frames_have_one_each()
    {
        using var world = new WorldRig();
        var seen = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var (guest, address) = i % 2 == 0 ? (Guest0, "10.10.0.5") : (Guest1, "10.10.0.6");
            var packet = NatPacket.Parse($"udp {address}:4000 > 198.51.100.7:53 len=4000 ip=77");
            world.Rig.Carry(guest, FrameOf(guest, packet.Build(isPartial: true)), packet.Offload(700));
            var segments = world.Rig.Received(Uplink);
            Assert.Equal(6, segments.Count);
            Assert.All(segments, segment => Assert.True(seen.Add(Convert.ToHexString(segment.Bytes, 18, 2))));
        }
    }
}
