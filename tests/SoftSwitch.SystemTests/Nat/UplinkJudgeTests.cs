using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>The judges see what is wrong: a kernel that doesn't translate, answers for guests, or changes ports.</summary>
public sealed class UplinkJudgeTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_address_of_the_inside_and_a_reset_are_seen_and_a_random_port_is_told_from_a_kept_one()
    {
        KernelNat.Start(_world, "");
        using (var capture = _world.CaptureUplink())
        {
            Assert.Equal(SocketError.TimedOut, Open(_world.One).Error);
            // Nobody listens there: it is the host's kernel that answers.
            Assert.Equal(SocketError.ConnectionRefused, Open(_world.Far, World.HostAddress).Error);
            var file = capture.Stop();
            Assert.Contains(UplinkJudge.Leaks(file), leak => leak.Contains(World.OneAddress));
            Assert.Single(UplinkJudge.Resets(file));
        }
        KernelNat.Rules(_world, KernelNat.Masquerade.Replace("masquerade", "masquerade random"));
        using var discovery = new NatDiscovery(_world.Far, World.FarAddress, World.FarOtherAddress);
        Assert.NotEqual("Endpoint Independent Mapping", discovery.Mapping(_world.One));
    }

    private static Conversation Open(NetNs from, string to = World.FarAddress)
    {
        using var conversation = Conversation.Open(from, "tcp", to, 4321, seconds: 1);
        return conversation;
    }
}
