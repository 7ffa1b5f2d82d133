using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Outside;

public class OutsideLifeTests
{
    [Theory]
    [InlineData("KILL")]
    [InlineData("")]
    public void Nothing_is_left_behind_however_the_process_ends(string signal)
    {
        Need.Tun();
        Need.Tool("nft");
        using var host = new NetNs("host");
        using var peer = new NetNs("peer");
        host.Veth("nic", peer, "wire");
        host.Address("nic", "192.0.2.1/24");
        var before = State(host);
        using var probe = OutsideProbe.Start(host, "everything", "nic", "192.0.2.1", "2222");
        var during = State(host);
        foreach (var trace in (string[])["ss-way", "169.254.83.1 dev ss-way table local proto static scope link src 192.0.2.1",
            "169.254.83.1 dev ss-way lladdr", "table ip softswitch-nic-", "table ip softswitch-ss-way-", ":2222"])
            Assert.Contains(trace, during);
        if (signal.Length > 0)
            probe.Signal(signal);
        else
            probe.Input.Close();
        probe.WaitForExit();
        // The kernel takes a moment to let go of what a killed process held.
        Eventually.Equal(before, () => State(host));
    }

    private static string State(NetNs host) => string.Join('\n', ((string[])
    [
        "ip -o link show", "ip -o addr show", "ip route show table all", "ip neigh show nud permanent", "nft list ruleset", "ss -Hlnut",
    ]).Select(words => host.Check(words)));
}
