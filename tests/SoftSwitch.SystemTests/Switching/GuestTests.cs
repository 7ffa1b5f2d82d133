using System.IO.Compression;
using SoftSwitch.SystemTests.Guests;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>
/// Real QEMU guests on sealed taps, beside a tap and a veth in namespaces: two virtio guests, one of which takes no super-frames, and an
/// e1000. The same guests are on a kernel bridge with a second card each, so that all of them boot once.
/// </summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed partial class GuestTests(GuestTests.Lab lab) : IClassFixture<GuestTests.Lab>
{
    [Fact]
    public void Everyone_on_the_network_pings_everyone()
    {
        foreach (var (from, name) in lab.Stations)
        {
            foreach (var (to, address) in lab.Addresses.Where(entry => entry.Station != name))
                Ping.Wait(from, address);
        }
        Assert.True(Ping.Reaches(lab.Virtio, "fd06::4", bytes: 4000));
        Assert.True(Ping.Reaches(lab.Tap, "fd06::2"));
    }

    [Theory]
    [InlineData("virtio", "10.6.0.1")]
    [InlineData("plain", "10.6.0.2")]
    [InlineData("e1000", "10.6.0.3")]
    [InlineData("virtio", "fd06::1")]
    [InlineData("plain", "fd06::2")]
    [InlineData("e1000", "fd06::3")]
    public void A_guest_receives_a_TCP_stream_from_senders_of_super_frames(string guest, string address)
    {
        Ping.Wait(lab.Tap, address);
        Iperf.Delivers(lab.Tap, lab.Guest(guest), address, bytes: 20_000_000);
        Iperf.Delivers(lab.Veth, lab.Guest(guest), address, bytes: 20_000_000);
        Iperf.Delivers(lab.Guest(guest), lab.Veth, address.Contains(':') ? "fd06::5" : "10.6.0.5", bytes: 20_000_000);
        // Nothing of it was lost on the way out to a guest.
        Assert.DoesNotContain(lab.Switch.Items("drops"),
            drop => drop.GetProperty("reason").GetString() is "transmit-failed" or "mtu-exceeded");
    }

    [Fact]
    public void What_a_guest_that_finishes_nothing_receives_from_a_tap_a_veth_and_a_guest_is_whole_and_right()
    {
        // Else the guest's kernel joins what it received before tcpdump sees it.
        lab.Plain.Check("ethtool -K eth0 gro off");
        // tcpdump wants to know the user it stays.
        lab.Plain.Check("sh -c 'mkdir -p /etc /tmp; echo root:x:0:0::/:/bin/sh > /etc/passwd'");
        foreach (var (sender, name) in new (IStation, string)[] { (lab.Tap, "tap"), (lab.Veth, "veth"), (lab.Virtio, "virtio") })
        {
            foreach (var address in new[] { "10.6.0.2", "fd06::2" })
            {
                Ping.Wait(sender, address);
                // The frames as the guest's driver has them: nothing is left to finish behind it.
                lab.Plain.Check(
                    "sh -c 'rm -f /tmp/seen; tcpdump -Z root -i eth0 -Q in -s 0 -U -c 150 -w /tmp/seen tcp > /tmp/said 2>&1 &'");
                Eventually.Holds(() => lab.Plain.Run("grep -q listening /tmp/said").ExitStatus == 0);
                Iperf.Run(sender, lab.Plain, address, bytes: 2_000_000);
                Eventually.Holds(() => lab.Plain.Run("pidof tcpdump").ExitStatus != 0);
                var file = TemporaryFolder.NewPath(".pcap");
                File.WriteAllBytes(file, Unpacked(lab.Plain.Check("sh -c 'gzip -c /tmp/seen | base64'")));
                var lengths = Tshark.Fields(file, "tcp", "tcp.len");
                Assert.True(lengths.Count == 150, lab.Plain.Check("cat /tmp/said"));
                Assert.True(lengths.Count(row => int.Parse(row[0]) > 1000) > 50, $"{name} to {address}");
                Assert.Empty(Tshark.Judge(file));
                File.Delete(file);
            }
        }
    }

    /// <summary>A guest's serial line is slow.</summary>
    private static byte[] Unpacked(string text)
    {
        using var read = new MemoryStream(Convert.FromBase64String(text.ReplaceLineEndings("")));
        using var packed = new GZipStream(read, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return bytes.ToArray();
    }

    [Fact]
    public void Two_guests_send_each_other_a_TCP_stream()
    {
        Ping.Wait(lab.Virtio, "10.6.0.2");
        Iperf.Delivers(lab.Virtio, lab.Plain, "10.6.0.2", bytes: 20_000_000);
        Iperf.Delivers(lab.Plain, lab.Virtio, "10.6.0.1", bytes: 20_000_000);
    }

    [Fact]
    public async Task A_guest_that_changes_its_offloads_during_a_stream_loses_nothing()
    {
        Ping.Wait(lab.Tap, "10.6.0.1");
        var stream = Task.Run(() => Iperf.Run(lab.Tap, lab.Other, "10.6.0.6", seconds: 4));
        Ping.Wait(lab.Tap, "10.6.0.6");
        for (var i = 0; i < 4 && !stream.IsCompleted; i++)
        {
            lab.Other.Check("ethtool -K eth0 gro off");
            lab.Other.Check("ethtool -K eth0 gro on");
            Thread.Sleep(300);
        }
        Assert.True((await stream).ReceivedBytes > 0);
    }

    public sealed class Lab : IDisposable
    {
        private readonly List<IDisposable> _made = [];
        private readonly Lazy<bool> _ready;

        public Lab() => _ready = new(Make);

        public NetNs Tap => Made(() => _tap);

        public NetNs Veth => Made(() => _veth);

        public QemuGuest Virtio => Made(() => _virtio);

        public QemuGuest Plain => Made(() => _plain);

        public QemuGuest E1000 => Made(() => _e1000);

        /// <summary>A guest for whoever disturbs it.</summary>
        public QemuGuest Other => Made(() => _other);

        public SoftSwitchProcess Switch => Made(() => _switch);

        public IEnumerable<(IStation Station, string Name)> Stations =>
            [(Virtio, "virtio"), (Plain, "plain"), (E1000, "e1000"), (Tap, "tap"), (Veth, "veth")];

        public IEnumerable<(string Station, string Address)> Addresses { get; } =
            [("virtio", "10.6.0.1"), ("plain", "10.6.0.2"), ("e1000", "10.6.0.3"), ("tap", "10.6.0.4"), ("veth", "10.6.0.5")];

        public QemuGuest Guest(string name) => name switch { "virtio" => Virtio, "plain" => Plain, _ => E1000 };

        public void Dispose() => _made.ForEach(made => made.Dispose());

        private NetNs? _tap;
        private NetNs? _veth;
        private QemuGuest? _virtio;
        private QemuGuest? _plain;
        private QemuGuest? _e1000;
        private QemuGuest? _other;
        private SoftSwitchProcess? _switch;

        private T Made<T>(Func<T?> made) where T : class => _ready.Value ? made()! : throw new InvalidOperationException();

        private bool Make()
        {
            Need.Tun();
            var (virtio, plain) = (GuestImage.Virtio, GuestImage.E1000);
            var host = Keep(new NetNs("host"));
            _tap = Keep(new NetNs("tap"));
            _veth = Keep(new NetNs("veth"));
            _switch = Keep(SoftSwitchProcess.Start($$"""
                networks: { lab: { mode: internal } }
                ports:
                  g1: { network: lab, kind: guest, mac: "52:54:00:00:06:01" }
                  g2: { network: lab, kind: guest }
                  g3: { network: lab, kind: guest }
                  g6: { network: lab, kind: guest }
                  t4: { network: lab, kind: tap, netns: "{{_tap.Name}}", address: 10.6.0.4/24 }
                  v5: { network: lab, kind: veth, netns: "{{_veth.Name}}", address: 10.6.0.5/24 }
                """, host));
            foreach (var tap in new[] { "k1", "k2", "k3" })
                host.Tap(tap);
            host.Bridge("br", "k1", "k2", "k3");
            // The very line that the switch prints, but for the boot ROM, which is a package of its own.
            var line = _switch.Client("attach", "g1").Succeeded().Output.Trim();
            _virtio = Keep(new QemuGuest(virtio, host,
                [.. (line + ",romfile=").Split(' '), .. QemuGuest.Tap("k1", "52:54:00:00:00:01")]));
            _plain = Keep(new QemuGuest(virtio, host,
            [
                .. QemuGuest.Tap("g2", "52:54:00:00:06:02", options: QemuGuest.NoSuperFrames),
                .. QemuGuest.Tap("k2", "52:54:00:00:00:02"),
            ]));
            _e1000 = Keep(new QemuGuest(plain, host,
                [.. QemuGuest.Tap("g3", "52:54:00:00:06:03", "e1000"), .. QemuGuest.Tap("k3", "52:54:00:00:00:03", "e1000")]));
            _other = Keep(new QemuGuest(virtio, host, QemuGuest.Tap("g6", "52:54:00:00:06:06")));
            _virtio.Address("eth0", "10.6.0.1/24", "fd06::1/64");
            _plain.Address("eth0", "10.6.0.2/24", "fd06::2/64");
            _e1000.Address("eth0", "10.6.0.3/24", "fd06::3/64");
            _other.Address("eth0", "10.6.0.6/24");
            _virtio.Address("eth1", "10.9.0.1/24", "fd09::1/64");
            _plain.Address("eth1", "10.9.0.2/24", "fd09::2/64");
            _e1000.Address("eth1", "10.9.0.3/24", "fd09::3/64");
            _tap.Address("t4", "fd06::4/64");
            _veth.Address("v5", "fd06::5/64");
            return true;
        }

        private T Keep<T>(T made) where T : IDisposable
        {
            _made.Insert(0, made);
            return made;
        }
    }
}
