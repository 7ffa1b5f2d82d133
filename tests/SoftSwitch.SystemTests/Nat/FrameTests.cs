using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Every translated frame, seen where no offload finishes it: checksums, lengths, padding.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class FrameTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("{}")]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}")]
    public void What_leaves_by_the_uplink_and_what_reaches_a_guest_is_whole_and_right(string outside)
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}} }
            {{_world.Ports}}
            """);
        _world.Host.OffloadsOff("nic");
        _world.Lan.OffloadsOff("lan0");
        _world.One.OffloadsOff("eth0");
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var uplink = new Capture(_world.Lan, "lan0");
        using var guest = new Capture(_world.One, "eth0");
        // From a guest with offloads and from one without.
        Iperf.Run(_world.Two, _world.Far, World.FarAddress, bytes: 4_000_000);
        Iperf.Run(_world.One, _world.Far, World.FarAddress, bytes: 2_000_000);
        Iperf.Run(_world.One, _world.Far, World.FarAddress, reverse: true, bytes: 4_000_000);
        Iperf.Run(_world.Two, _world.Far, World.FarAddress, seconds: 1, udpMegabits: 5);
        Assert.True(Ping.Reaches(_world.One, World.FarAddress, bytes: 4000));
        Assert.NotNull(Conversation.Seen(_world.Two, "udp", World.FarAddress, 4000, bytes: 3000));
        Traceroute.Hops(_world.One, World.FarAddress);
        // Each takes seconds, and a processor of its own.
        var (outFile, inFile) = AtOnce.Do(uplink.Stop, guest.Stop);
        var (outFaults, inFaults) = AtOnce.Do(() => Tshark.Judge(outFile), () => Tshark.Judge(inFile));
        Assert.Empty(outFaults);
        Assert.Empty(inFaults);
        Assert.Empty(UplinkJudge.Leaks(outFile));
        var (outCount, inCount) = AtOnce.Do(() => Tshark.Count(outFile, "tcp.len > 0"), () => Tshark.Count(inFile, "tcp.len > 0"));
        Assert.True(outCount > 2000 && inCount > 2000);
        started.Terminate();
    }
}
