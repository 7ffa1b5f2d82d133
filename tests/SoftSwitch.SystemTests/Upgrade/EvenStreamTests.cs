using System.Diagnostics;
using System.Globalization;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>Streams that come evenly, whether anybody reads or not, over planned restarts and reloads: what comes meanwhile waits, in the
/// caretaker of a tap or in a packet socket's queue, and none is lost, comes twice or out of its turn. <c>SOFTSWITCH_PER_SECOND</c> says
/// how many datagrams a second each stream has; 0: as many as come through.</summary>
public sealed class EvenStreamTests : IDisposable
{
    private const int Port = 7000;

    private static readonly int s_perSecond = int.TryParse(
        Environment.GetEnvironmentVariable("SOFTSWITCH_PER_SECOND"), CultureInfo.InvariantCulture, out var given) ? given : 4_000;

    private readonly World _world = new();
    private readonly string _state = TemporaryFolder.NewPath(".state");

    [Fact]
    public void Host_only() => LosesNothing("mode: host-only, subnet: 10.10.0.0/24", World.OneAddress,
        () => Stream(_world.One, World.OneAddress, _world.Host, World.Gateway),
        () => Stream(_world.Host, World.Gateway, _world.One, World.OneAddress));

    [Fact]
    public void Bridged() => LosesNothing("mode: bridged, uplink: nic", "192.0.2.5",
        () => Stream(_world.One, "192.0.2.5", _world.Lan, World.LanAddress),
        () => Stream(_world.Lan, World.LanAddress, _world.One, "192.0.2.5"));

    /// <summary>Out, and in by a forward.</summary>
    [Theory]
    [InlineData("outside: {}", World.HostAddress)]
    [InlineData($"outside: {{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}", World.OwnAddress)]
    public void Nat(string outside, string named) => LosesNothing(
        $"mode: nat, subnet: {World.Inside}, {outside}, forwards: [ {{ from: udp/{Port}, to: one }} ]", World.OneAddress,
        () => Stream(_world.One, World.OneAddress, _world.Far, World.FarAddress),
        () => Stream(_world.Far, World.FarAddress, _world.One, World.OneAddress, named));

    public void Dispose()
    {
        _world.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    private static NumberedStream Stream(NetNs from, string source, NetNs to, string destination, string? named = null) =>
        new(from, source, to, destination, Port, s_perSecond, named);

    private void LosesNothing(string network, string address, params Func<NumberedStream>[] begin)
    {
        var config = $$"""
            state: {{_state}}
            networks: { dev: { {{network}} }, more: { mode: internal } }
            ports:
              one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: {{address}}/24 }
            """;
        Need.Tun();
        using var running = SoftSwitchProcess.Start(config, _world.Host);
        if (address == World.OneAddress)
            _world.One.Check($"ip route add default via {World.Gateway}");
        foreach (var start in begin)
        {
            using var stream = start();
            Eventually.Holds(() => stream.Received > 0);
            var (clock, first) = (Stopwatch.StartNew(), stream.Received);
            for (var time = 0; time < Upgrading.Times; time++)
            {
                running.Upgrade();
                Assert.Null(stream.Wrong);
                // Another port comes and goes.
                foreach (var more in (string[])["", "\n  more: { network: more, kind: tap }"])
                {
                    var (status, body) = running.ReloadNow(config + more);
                    Assert.True(status == 200, body);
                }
                Assert.Null(stream.Wrong);
            }
            var seconds = clock.Elapsed.TotalSeconds;
            var received = stream.Received - first;
            stream.End();
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{received} datagrams, {received / seconds:0} a second; pauses {string.Join(", ", running.Pauses())} ms");
        }
        running.Terminate();
        Assert.DoesNotContain(running.Errors, line => line.Contains("internal error", StringComparison.Ordinal));
    }
}
