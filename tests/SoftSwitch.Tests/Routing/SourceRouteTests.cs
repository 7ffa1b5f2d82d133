using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>IPv4 options by which a sender would choose the way of a packet, or learn it (RFC 7126).</summary>
public sealed class SourceRouteTests
{
    private static readonly byte[][] s_routes =
    [
        [131, 7, 4, 10, 10, 0, 6, 0],
        [137, 7, 4, 10, 10, 0, 6, 0],
        [1, 131, 7, 4, 10, 10, 0, 6],
        [131, 3, 4, 0, 0, 0, 0, 0],
        [7, 7, 4, 0, 0, 0, 0, 0],
        [148, 4, 0, 0, 131, 3, 4, 0],
    ];

    private static readonly byte[][] s_broken = [[68, 0, 131, 3, 4, 0, 0, 0], [68, 1, 131, 3, 4, 0, 0, 0], [1, 1, 1, 68, 9, 0, 131, 3],
        [1, 1, 1, 1, 1, 1, 1, 131]];

    private static readonly byte[][] s_harmless = [[1, 1, 1, 1, 1, 1, 1, 1], [148, 4, 0, 0, 0, 131, 3, 4], [68, 8, 5, 0, 0, 0, 0, 0]];

    [Theory]
    [InlineData(false, Guest0, "udp 10.10.0.5:4000 > 198.51.100.7:53")]
    [InlineData(false, Guest0, "icmp 10.10.0.5 > 198.51.100.7 type=8 id=3")]
    [InlineData(false, Guest0, "udp 10.10.0.5:4000 > 203.0.113.1:5000")]
    [InlineData(false, Guest0, "udp 10.10.0.5:4000 > 10.10.0.6:5000")]
    [InlineData(false, Guest0, "icmp 10.10.0.5 > 10.10.0.1 type=8 id=3")]
    [InlineData(false, Uplink, "udp 198.51.100.7:53 > 203.0.113.1:5000")]
    [InlineData(false, Uplink, "icmp 198.51.100.7 > 203.0.113.1 type=8 id=3")]
    [InlineData(true, Guest0, "tcp 10.10.0.5:4000 > 203.0.113.1:22 S seq=1")]
    [InlineData(true, Host, "udp 203.0.113.1:9 > 169.254.83.1:5000")]
    public void Routes_and_what_hides_them_go_nowhere_and_other_options_cross(bool isShared, int from, string text)
    {
        foreach (var (options, reason) in s_routes.Select(options => (options, DropReason.SourceRouted))
            .Concat(s_broken.Select(options => (options, DropReason.PacketMalformed)))
            .Concat(s_harmless.Select(options => (options, DropReason.None))))
        {
            using var world = new WorldRig(isShared);
            world.Forward(new NaptForward(new(IpProtocol.Udp, 5000, 5000), Ipv4Address.Parse("10.10.0.6"), 5000));
            var frame = (NatPacket.Parse(text) with { IpOptions = options.Length }).Build();
            options.CopyTo(frame, 34);
            frame.AsSpan(24, 2).Clear();
            var sum = (ushort)~Forwarding.Wire.Sum(frame.AsSpan(14, 20 + options.Length));
            (frame[24], frame[25]) = ((byte)(sum >> 8), (byte)sum);
            world.Rig.Carry(from, FrameOf(from, frame));
            var received = Enumerable.Range(0, 5).Sum(port => world.Rig.Received(port).Count);
            Assert.Equal(reason == DropReason.None ? 1 : 0, received);
            if (reason != DropReason.None)
                Assert.Equal(1, world.Rig.InDrops(from, reason));
        }
    }
}
