using SoftSwitch.SystemTests.Guests;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Real QEMU guests behind the translation: one that takes super-frames, and one that takes none and finishes nothing.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class GuestTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Virtual_machines_that_run_before_the_switch_get_out_and_in_and_nothing_of_them_gets_out_untranslated()
    {
        Need.Tun();
        var config = $$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {}, forwards: [{ from: tcp/5201-6300, to: plain }] }
            ports:
              virtio: { network: dev, kind: guest }
              plain: { network: dev, kind: guest }
            """;
        using var capture = _world.CaptureUplink();
        using (var first = SoftSwitchProcess.Start(config, _world.Host))
            first.Kill();
        using var virtio = new QemuGuest(GuestImage.Virtio, _world.Host, QemuGuest.Tap("virtio", "52:54:00:00:07:01"));
        using var plain = new QemuGuest(GuestImage.Virtio, _world.Host,
            QemuGuest.Tap("plain", "52:54:00:00:07:02", options: QemuGuest.NoSuperFrames));
        foreach (var (guest, address) in new[] { (virtio, World.OneAddress), (plain, World.TwoAddress) })
        {
            guest.Address("eth0", $"{address}/24");
            guest.Check($"ip route add default via {World.Gateway}");
        }
        // Nobody answers yet, and the host, which has a way there, neither hears nor forwards it.
        _world.Host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]).Succeeded();
        Assert.False(Ping.Reaches(virtio, World.FarAddress, 1));

        using var started = SoftSwitchProcess.Start(config, _world.Host);
        foreach (var guest in new[] { virtio, plain })
        {
            Ping.Wait(guest, World.FarAddress);
            Assert.True(Ping.Reaches(guest, World.FarAddress, bytes: 4000));
            Ping.Wait(guest, World.HostAddress);
            Iperf.Delivers(guest, _world.Far, World.FarAddress);
            Iperf.Delivers(guest, _world.Far, World.FarAddress, reverse: true);
        }
        Ping.Wait(virtio, World.TwoAddress);
        // By the forward to the port: whoever is heard behind it.
        Iperf.Delivers(_world.Far, plain, World.HostAddress);
        Iperf.Delivers(virtio, plain, World.HostAddress);
        Assert.DoesNotContain(started.Items("drops"),
            drop => drop.GetProperty("reason").GetString() is "transmit-failed" or "mtu-exceeded");
        Assert.Empty(UplinkJudge.Leaks(capture.Stop()));
        started.Terminate();
    }
}
