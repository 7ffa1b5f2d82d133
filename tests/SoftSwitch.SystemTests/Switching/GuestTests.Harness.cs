using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>The guests themselves, with the kernel's own bridge between them: if these fail, no other guest test means anything.</summary>
public sealed partial class GuestTests
{
    [Fact]
    public void By_the_kernel_s_bridge_two_virtio_guests_and_an_e1000_guest_ping_each_other()
    {
        Ping.Wait(lab.Virtio, "10.9.0.2");
        Ping.Wait(lab.Virtio, "10.9.0.3");
        Ping.Wait(lab.Plain, "10.9.0.3");
        Assert.True(Ping.Reaches(lab.Virtio, "fd09::3"));
        Assert.False(Ping.Reaches(lab.Virtio, "10.9.0.77", 1));
    }

    [Fact]
    public void A_guests_command_returns_its_output_and_its_exit_status()
    {
        var result = lab.Virtio.Run("printf 'one\\ntwo'; echo three >&2; exit 7");
        Assert.Equal(7, result.ExitStatus);
        Assert.Equal("one\ntwothree\n", result.Output);
        Assert.Equal("", lab.Virtio.Check("true"));
    }

    [Fact]
    public void By_the_kernel_s_bridge_guests_send_each_other_TCP_and_UDP_by_iperf3()
    {
        Assert.True(Iperf.Run(lab.Virtio, lab.Plain, "10.9.0.2", seconds: 1).ReceivedBytes > 0);
        Assert.True(Iperf.Run(lab.Virtio, lab.E1000, "fd09::3", seconds: 1).ReceivedBytes > 0);
        Assert.True(Iperf.Run(lab.E1000, lab.Virtio, "10.9.0.1", seconds: 1, reverse: true, udpMegabits: 1).Datagrams > 0);
    }

    [Fact]
    public void A_guest_changes_its_offloads_while_it_runs()
    {
        lab.Plain.Check("ethtool -K eth1 gro off tso off");
        Assert.Contains("tcp-segmentation-offload: off", lab.Plain.Check("ethtool -k eth1"));
        lab.Plain.Check("ethtool -K eth1 gro on tso on");
        Assert.Contains("tcp-segmentation-offload: on", lab.Plain.Check("ethtool -k eth1"));
    }
}
