using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Guests;

/// <summary>The guests themselves, with the kernel's own bridge between them: if this fails, no other guest test means anything.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class HarnessTests(HarnessTests.Lab lab) : IClassFixture<HarnessTests.Lab>
{
    [Fact]
    public void Two_virtio_guests_and_an_e1000_guest_ping_each_other()
    {
        Ping.Wait(lab.One, "10.9.0.2");
        Ping.Wait(lab.One, "10.9.0.3");
        Ping.Wait(lab.Two, "10.9.0.3");
        Assert.True(Ping.Reaches(lab.One, "fd09::3"));
        Assert.False(Ping.Reaches(lab.One, "10.9.0.77", 1));
    }

    [Fact]
    public void A_guests_command_returns_its_output_and_its_exit_status()
    {
        var result = lab.One.Run("printf 'one\\ntwo'; echo three >&2; exit 7");
        Assert.Equal(7, result.ExitStatus);
        Assert.Equal("one\ntwothree\n", result.Output);
        Assert.Equal("", lab.One.Check("true"));
    }

    [Fact]
    public void Guests_send_each_other_TCP_and_UDP_by_iperf3()
    {
        Assert.True(Iperf.Run(lab.One, lab.Two, "10.9.0.2", seconds: 1).ReceivedBytes > 0);
        Assert.True(Iperf.Run(lab.One, lab.Slow, "fd09::3", seconds: 1).ReceivedBytes > 0);
        Assert.True(Iperf.Run(lab.Slow, lab.One, "10.9.0.1", seconds: 1, reverse: true, udpMegabits: 1).Datagrams > 0);
    }

    [Fact]
    public void A_guest_changes_its_offloads_while_it_runs()
    {
        lab.Two.Check("ethtool -K eth0 gro off tso off");
        Assert.Contains("tcp-segmentation-offload: off", lab.Two.Check("ethtool -k eth0"));
        lab.Two.Check("ethtool -K eth0 gro on tso on");
        Assert.Contains("tcp-segmentation-offload: on", lab.Two.Check("ethtool -k eth0"));
    }

    /// <summary>Three guests on a kernel bridge in a namespace, booted when the first test asks.</summary>
    public sealed class Lab : IDisposable
    {
        private readonly List<IDisposable> _made = [];
        private readonly Lazy<(QemuGuest One, QemuGuest Two, QemuGuest Slow)> _guests;

        public Lab() => _guests = new(Boot);

        public QemuGuest One => _guests.Value.One;

        public QemuGuest Two => _guests.Value.Two;

        public QemuGuest Slow => _guests.Value.Slow;

        private (QemuGuest, QemuGuest, QemuGuest) Boot()
        {
            var (virtio, plain) = (GuestImage.Virtio, GuestImage.E1000);
            Need.Tun();
            var host = Keep(new NetNs("host"));
            foreach (var tap in new[] { "g1", "g2", "g3" }) host.Tap(tap);
            host.Bridge("br", "g1", "g2", "g3");
            var one = Keep(new QemuGuest(virtio, host, QemuGuest.Tap("g1", "52:54:00:00:00:01")));
            var two = Keep(new QemuGuest(virtio, host, QemuGuest.Tap("g2", "52:54:00:00:00:02")));
            var slow = Keep(new QemuGuest(plain, host, QemuGuest.Tap("g3", "52:54:00:00:00:03", "e1000")));
            one.Address("eth0", "10.9.0.1/24", "fd09::1/64");
            two.Address("eth0", "10.9.0.2/24", "fd09::2/64");
            slow.Address("eth0", "10.9.0.3/24", "fd09::3/64");
            return (one, two, slow);
        }

        private T Keep<T>(T made) where T : IDisposable
        {
            _made.Insert(0, made);
            return made;
        }

        public void Dispose() => _made.ForEach(made => made.Dispose());
    }
}
