using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Forwarding;

public sealed class HostileOffloadTests
{
    private static readonly PacketSpec Spec = new() { Payload = 4000 };

    /// <summary>Headers that contradict the frame they come with.</summary>
    public static IEnumerable<TheoryDataRow<string>> Lies => Headers.Keys.Select(name => new TheoryDataRow<string>(name));

    private static readonly Dictionary<string, VirtioNetHeader> Headers = new()
    {
        ["segments of nothing"] = Spec.Offload(1000) with { GsoSize = 0 },
        ["TCP over IPv6 that is IPv4"] = Spec.Offload(1000) with { GsoType = GsoType.TcpV6 },
        ["UDP that is TCP"] = Spec.Offload(1000) with { GsoType = GsoType.UdpSegments },
        ["UDP fragments"] = Spec.Offload(1000) with { GsoType = GsoType.UdpFragments },
        ["a kind that nobody knows"] = Spec.Offload(1000) with { GsoType = (GsoType)0x7F },
        ["ECN of no kind"] = Spec.Offload(1000) with { GsoType = GsoType.Ecn },
        ["a sum that begins in the Ethernet header"] = Spec.Offload() with { ChecksumStart = 13 },
        ["a sum that begins behind the frame"] = Spec.Offload() with { ChecksumStart = 65_535, ChecksumOffset = 65_535 },
        ["a sum stored behind the head"] = Spec.Offload() with { ChecksumOffset = 2047 },
        ["a sum stored elsewhere than TCP's"] = Spec.Offload(1000) with { ChecksumOffset = 6 },
        ["a sum that begins elsewhere than TCP"] = Spec.Offload(1000) with { ChecksumStart = 38 },
    };

    [Theory, MemberData(nameof(Lies))]
    public void A_header_that_contradicts_its_frame_costs_that_frame(string lie)
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All, mtu: 9000);
        rig.Add(PortOffloads.All, mtu: 9000);
        rig.Add(PortOffloads.None, mtu: 9000);
        rig.Carry(0, Spec.Build(isPartial: true), Headers[lie]);
        Assert.Empty(rig.Received(1));
        Assert.Empty(rig.Received(2));
        Assert.Equal(1, rig.InDrops(0, DropReason.OffloadInvalid));
    }

    [Fact]
    public void Segments_too_small_to_be_worth_their_headers_are_refused()
    {
        using var rig = new Rig(ports: 2);
        rig.Carry(0, Spec.Build(isPartial: true), Spec.Offload(47));
        Assert.Empty(rig.Received(1));
        Assert.Equal(1, rig.InDrops(0, DropReason.SegmentsTooSmall));
        rig.Carry(0, Spec.Build(isPartial: true), Spec.Offload(48));
        Assert.Equal(84, rig.Received(1).Count);
    }

    [Fact]
    public void A_fragment_is_no_super_frame()
    {
        using var rig = new Rig(ports: 2);
        var frame = Spec.Build(isPartial: true);
        frame[Spec.NetworkOffset + 6] = 0x20;
        rig.Carry(0, frame, Spec.Offload(1000));
        Assert.Equal(1, rig.InDrops(0, DropReason.OffloadInvalid));
    }

    [Fact]
    public void Headers_cut_short_by_the_end_of_the_frame_are_no_super_frame()
    {
        using var rig = new Rig();
        rig.Add();
        rig.Add(mtu: 65_535);
        var frame = Spec.Build(isPartial: true);
        for (var length = 14; length < Spec.PayloadOffset; length++)
            rig.Carry(0, frame.AsSpan(0, length), Spec.Offload(1000));
        Assert.Equal(Spec.PayloadOffset - 14, rig.InDrops(0, DropReason.OffloadInvalid));
        Assert.Empty(rig.Received(1));
    }

    [Fact]
    public void The_senders_idea_of_the_headers_length_is_not_trusted()
    {
        using var rig = new Rig();
        rig.Add(PortOffloads.All);
        rig.Add(PortOffloads.All);
        foreach (var length in new ushort[] { 0, 1, 14, 60, 2048, 65_535 })
        {
            rig.Carry(0, Spec.Build(isPartial: true), Spec.Offload(1000) with { HeaderLength = length });
            Assert.Equal(Spec.Offload(1000) with { BufferCount = 1 }, Assert.Single(rig.Received(1)).Offload);
        }
    }
}
