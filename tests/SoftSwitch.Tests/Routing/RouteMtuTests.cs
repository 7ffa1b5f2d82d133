using System.Buffers.Binary;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WaysRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>A route says how long packets to its destinations may be (ip route … mtu, advmss): it counts for guests as for the
/// host.</summary>
public sealed class RouteMtuTests
{
    private const string Narrow = "198.51.100.7", Other = "198.51.100.8";

    [Fact]
    public void Who_forbids_fragments_is_told_and_what_may_be_fragmented_is()
    {
        using var world = Open(mtu: 1280, segmentMtu: 1280);
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Narrow}:53 len=1253 df");
        var told = ReceivedIcmp.Of(Assert.Single(world.Packets(Guest0)));
        Assert.Equal((IcmpUnreachable.FragmentationNeeded, 1280), (told.Code, told.Mtu));
        Assert.Empty(world.Packets(Nic));
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Narrow}:53 len=1252 df");
        Assert.Equal(1252, Assert.Single(world.Heard(Nic)).Payload.Length);

        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Narrow}:53 len=1400");
        var fragments = world.Packets(Nic);
        Assert.Equal(2, fragments.Count);
        Assert.All(fragments, frame => Assert.InRange(frame.Bytes.Length - 14, 60, 1280));
        var whole = new Reassembly();
        fragments.ForEach(frame => whole.Add(frame.Bytes));
        Assert.Equal(1400, Assert.Single(whole.Packets).Payload.Length);

        // Elsewhere the link counts.
        world.Say(Guest0, $"udp 10.10.0.5:4000 > {Other}:53 len=1400 df");
        Assert.Single(world.Heard(Nic));
    }

    [Theory]
    [InlineData(1280, 1280, 1240)]
    [InlineData(1500, 576, 536)]
    [InlineData(ushort.MaxValue, ushort.MaxValue, 1460)]
    public void Connections_agree_on_segments_that_fit(int mtu, int segmentMtu, int expected)
    {
        using var world = Open((ushort)mtu, (ushort)segmentMtu);
        var opening = MtuTests.Opening($"10.10.0.5:4000 > {Narrow}:80", asked: 1460, isPartial: false, out _);
        world.Rig.Carry(Guest0, FrameOf(Guest0, opening));
        var heard = Assert.Single(world.Packets(Nic)).Bytes;
        NatPacket.Read(heard);
        Assert.Equal(expected, BinaryPrimitives.ReadUInt16BigEndian(heard.AsSpan(56)));
    }

    private static WaysRig Open(ushort mtu, ushort segmentMtu)
    {
        var world = new WaysRig();
        foreach (var address in new[] { Narrow, Other })
        {
            var to = new WayTo(world.ByNic, NextRouter);
            world.Routes.Add(Ipv4Address.Parse(address), address == Narrow ? to with { Mtu = mtu, SegmentMtu = segmentMtu } : to, [],
                world.Rig.Port(Guest0), world.Rig.Now + Lifetime, world.Routes.Generation);
        }
        return world;
    }
}
