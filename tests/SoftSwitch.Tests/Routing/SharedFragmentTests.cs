using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.WorldRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Packets in fragments to an address that the host and a forward share: only the first one says who is meant.</summary>
public sealed class SharedFragmentTests
{
    [Theory]
    [InlineData(99, Guest0, "203.0.113.1", "10.10.0.5")]
    [InlineData(53, Host, "169.254.83.1", "203.0.113.1")]
    public void Fragments_to_a_shared_address_follow_their_first_one(int port, int receiver, string source, string destination)
    {
        foreach (var order in new int[][] { [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            using var world = new WorldRig(isShared: true);
            world.Forward(new NaptForward(new(IpProtocol.Udp, 99, 99), Ipv4Address.Parse("10.10.0.5"), 53));
            var fragments = FragmentTests.Cut(NatPacket.Parse($"udp 10.10.0.6:4000 > 203.0.113.1:{port} len=2000 ip=77"), 800);
            foreach (var i in order)
                world.Rig.Carry(Guest1, FrameOf(Guest1, fragments[i]));
            var heard = world.Rig.Received(receiver).Select(frame => frame.Bytes).OrderBy(frame => frame[21]).ToList();
            Assert.Equal([0, 100, 200], heard.Select(frame => (int)frame[21]));
            Assert.All(heard, frame =>
            {
                Assert.Equal((source, destination, 63),
                    (Ipv4Address.Read(frame.AsSpan(26)).ToString(), Ipv4Address.Read(frame.AsSpan(30)).ToString(), frame[22]));
                Assert.Equal(0xFFFF, Wire.Sum(frame.AsSpan(14, 20)));
                Assert.Equal(heard[0][18..20], frame[18..20]);
            });
            Assert.Equal(fragments.SelectMany(frame => frame[42..]), heard.SelectMany(frame => frame[42..]));
            Assert.Empty(world.Rig.Received(receiver == Host ? Guest0 : Host));
            Assert.Empty(world.Rig.Received(Uplink));
            Assert.Equal(0, world.Outside.Translator.Counters.HeldFragments + world.HostWay.Translator.Counters.HeldFragments);
        }
    }
}
