using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Two veth ends as NICs of a bridged network, the switch in a host of its own between them.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class NicTests
{
    [Fact]
    public void A_TCP_stream_crosses_two_NICs_whose_offloads_are_at_their_defaults()
    {
        using var lab = new Lab();
        Iperf.Delivers(lab.Left, lab.Right, "10.7.0.2", bytes: 100_000_000);
        Iperf.Delivers(lab.Left, lab.Right, "fd07::2", reverse: true, bytes: 100_000_000);
    }

    [Fact]
    public void Frames_that_leave_by_a_NIC_without_offloads_are_whole_and_right()
    {
        using var lab = new Lab();
        lab.Host.OffloadsOff("nic2");
        lab.Right.OffloadsOff("eth0");
        using var capture = new Capture(lab.Right, "eth0");
        Iperf.Run(lab.Left, lab.Right, "10.7.0.2", bytes: 5_000_000);
        Iperf.Run(lab.Left, lab.Right, "fd07::2", bytes: 5_000_000);
        Assert.True(Iperf.Run(lab.Left, lab.Right, "10.7.0.2", seconds: 1, udpMegabits: 10).Datagrams > 100);
        Assert.True(Ping.Reaches(lab.Left, "10.7.0.2", bytes: 4000));
        var file = capture.Stop();
        var (count, faults) = AtOnce.Do(() => Tshark.Count(file, "tcp.len > 0"), () => Tshark.Judge(file));
        Assert.True(count > 2000);
        Assert.Empty(faults);
    }

    [Fact]
    public void A_NIC_that_goes_down_and_comes_up_again_and_one_that_vanishes_and_returns_are_picked_up()
    {
        using var lab = new Lab();
        lab.Host.Check("ip link set dev nic2 down");
        Eventually.Holds(() => lab.State("nic2") == "down");
        lab.Host.Up("nic2");
        Ping.Wait(lab.Left, "10.7.0.2");

        lab.Host.Check("ip link delete nic2");
        Eventually.Holds(() => lab.State("nic2") == "failed");
        lab.Host.Veth("nic2", lab.Right, "eth0");
        lab.Right.Address("eth0", "10.7.0.2/24");
        // The new interface has an address of its own, and the neighbor would believe in the old one for a while.
        lab.Left.Check("ip neigh flush dev eth0");
        Ping.Wait(lab.Left, "10.7.0.2");
        Assert.Equal("up", lab.State("nic2"));
    }

    [Fact]
    public void A_NIC_that_is_missing_or_taken_or_the_loopback_stops_the_start_with_one_line()
    {
        using var host = new NetNs("host");
        host.Check("ip link add name br type bridge");
        host.Check("ip link add name taken type veth peer name other");
        host.Check("ip link set dev taken master br");
        foreach (var (name, words) in new[] { ("missing", "ip -br link"), ("taken", "nomaster"), ("lo", "no Ethernet") })
        {
            using var started = SoftSwitchProcess.StartWithoutWaiting($$"""
                networks: { lan: { mode: bridged, uplink: {{name}} } }
                """, host);
            Assert.Equal(1, started.WaitForExit());
            var line = Assert.Single(started.Errors, line => line.Contains(" error "));
            Assert.Contains(name, line);
            Assert.Contains(words, line);
        }
    }

    internal sealed class Lab : IDisposable
    {
        public Lab()
        {
            Host.Veth("nic1", Left, "eth0");
            Host.Veth("nic2", Right, "eth0");
            Left.Address("eth0", "10.7.0.1/24");
            Left.Address("eth0", "fd07::1/64");
            Right.Address("eth0", "10.7.0.2/24");
            Right.Address("eth0", "fd07::2/64");
            Switch = SoftSwitchProcess.Start("""
                networks: { lan: { mode: bridged, uplink: nic1 } }
                ports: { nic2: { network: lan, kind: nic } }
                """, Host);
            Ping.Wait(Left, "10.7.0.2");
            Ping.Wait(Left, "fd07::2");
        }

        public NetNs Host { get; } = new("host");

        public NetNs Left { get; } = new("left");

        public NetNs Right { get; } = new("right");

        public SoftSwitchProcess Switch { get; }

        public string? State(string port) =>
            Switch.Items("ports").Single(item => item.GetProperty("name").GetString() == port).GetProperty("state").GetString();

        public void Dispose()
        {
            Switch.Dispose();
            Left.Dispose();
            Right.Dispose();
            Host.Dispose();
        }
    }
}
