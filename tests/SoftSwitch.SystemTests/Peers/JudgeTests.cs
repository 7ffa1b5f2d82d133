namespace SoftSwitch.SystemTests.Peers;

/// <summary>The judge itself, with the kernel's own network between the namespaces: it has to accept what is right and to see what is
/// wrong.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class JudgeTests
{
    [Fact]
    public void Frames_of_a_TCP_stream_are_right_where_offloads_are_finished()
    {
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        one.Veth("eth0", two, "eth0");
        one.Address("eth0", "10.8.0.1/24");
        two.Address("eth0", "10.8.0.2/24");
        one.OffloadsOff("eth0");
        using var capture = new Capture(two, "eth0");
        Iperf.Delivers(one, two, "10.8.0.2");
        var file = capture.Stop();
        Assert.Empty(Tshark.Judge(file));
        Assert.True(Tshark.Count(file, "tcp.len > 0") > 1000);
    }

    [Fact]
    public void Half_made_checksums_are_seen_where_offloads_are_not_finished()
    {
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        one.Veth("eth0", two, "eth0");
        one.Address("eth0", "10.8.0.1/24");
        two.Address("eth0", "10.8.0.2/24");
        using var capture = new Capture(two, "eth0");
        Iperf.Run(one, two, "10.8.0.2", bytes: 300_000);
        Assert.Contains(Tshark.Judge(capture.Stop()), fault => fault.Contains("bad TCP checksum"));
    }
}
