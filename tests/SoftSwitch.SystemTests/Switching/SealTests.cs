using SoftSwitch.SystemTests.Guests;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>A hostile guest on an internal network looks for the host: while the switch runs, before it is ready, after it was
/// killed.</summary>
public sealed class SealTests
{
    [Fact]
    public void A_hostile_guest_gets_nothing_from_the_host_and_hears_nothing_of_it()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var elsewhere = new NetNs("elsewhere");
        host.Veth("nic", elsewhere, "far");
        host.Address("nic", "10.4.0.77/24");
        host.Address("nic", "fd04::77/64");
        const string config = """
            networks: { quiet: { mode: internal } }
            ports:
              g1: { network: quiet, kind: guest }
              g2: { network: quiet, kind: guest }
            """;
        var running = SoftSwitchProcess.Start(config, host);
        var mac = host.Mac("g1");
        using var guest = new QemuGuest(GuestImage.Virtio, host, QemuGuest.Tap("g1", "52:54:00:00:04:01"));
        guest.Address("eth0", "10.4.0.1/24", "fd04::1/64");
        guest.Check($"arp -s 10.4.0.78 {mac}");
        Assert.Equal("up", running.Items("ports")[0].GetProperty("state").GetString());
        Look(guest, "while it runs");

        running.Kill();
        running.Dispose();
        Look(guest, "after it was killed");

        // Beginning again, the tap is adopted: whatever happens before "ready" happens under the same seal.
        var hearing = new Ear(guest);
        using var again = SoftSwitchProcess.Start(config, host);
        hearing.NothingWasHeard("before it is ready");
        Look(guest, "after it was started again");
        again.Terminate();
        Look(guest, "after it ended");
    }

    /// <summary>ARP for the host's address, packets to the interface's MAC, all nodes, router solicitations; and all the time an ear on the
    /// wire.</summary>
    private static void Look(QemuGuest guest, string when)
    {
        var hearing = new Ear(guest);
        Assert.False(Ping.Reaches(guest, "10.4.0.77", 1), when);
        Assert.False(Ping.Reaches(guest, "10.4.0.78", 1), when);
        Assert.False(Ping.Reaches(guest, "fd04::77", 1), when);
        // The guest answers these itself: only what its interface receives tells about others.
        guest.Run("ping -6 -c 1 -W 1 ff02::1%eth0");
        guest.Run("ping -6 -c 1 -W 1 ff02::2%eth0");
        hearing.NothingWasHeard(when);
    }

    /// <summary>Counts what the guest's interface receives: the kernel's own count misses nothing and needs no program.</summary>
    private sealed class Ear
    {
        private readonly QemuGuest _guest;
        private readonly string _before;

        public Ear(QemuGuest guest) => (_guest, _before) = (guest, Received(guest));

        public void NothingWasHeard(string when)
        {
            var after = Received(_guest);
            Assert.True(_before == after, $"{when}: the guest had received {_before} frames and now {after}");
        }

        private static string Received(QemuGuest guest) => guest.Check("cat /sys/class/net/eth0/statistics/rx_packets").Trim();
    }
}
