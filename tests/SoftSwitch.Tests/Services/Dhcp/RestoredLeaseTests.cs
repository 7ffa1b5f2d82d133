using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>What an earlier run has given is the client's still.</summary>
public sealed class RestoredLeaseTests
{
    [Fact]
    public void A_client_gets_what_it_had_and_nobody_else_does()
    {
        using var net = new DhcpRig();
        net.Leases.Restore(
            [Record(net, "10.10.0.55", port: 0, client: 1), Record(net, "10.10.0.56", port: 1, client: 2, LeaseState.Kept)], net.Rig.Now);
        Assert.Equal("Offer 10.10.0.55", net.Say(0, 1, DhcpMessageType.Discover));
        Assert.Equal("Offer 10.10.0.56", net.Say(1, 2, DhcpMessageType.Discover));
        // Behind another port it is another client.
        Assert.NotEqual("Offer 10.10.0.55", net.Say(2, 1, DhcpMessageType.Discover, wish: "10.10.0.55"));
    }

    [Fact]
    public void What_cant_be_given_now_is_not_taken_over()
    {
        using var net = new DhcpRig(share: 1);
        net.Leases.Restore(
        [
            Record(net, "10.10.0.99", port: 0, client: 1), Record(net, "10.10.0.1", port: 0, client: 2),
            Record(net, "10.10.0.55", port: 0, client: 3), Record(net, "10.10.0.55", port: 1, client: 4),
            Record(net, "10.10.0.56", port: 0, client: 5), Record(net, "10.10.0.57", port: 0, client: 3),
        ], net.Rig.Now);
        var leases = new List<LeaseRecord>();
        net.Leases.CopyTo(leases);
        Assert.Equal(["10.10.0.55"], leases.Select(lease => $"{lease.Address}"));
    }

    [Fact]
    public void Who_renews_all_the_time_is_no_change_each_time()
    {
        using var net = new DhcpRig();
        var address = net.Boot(0, 1);
        var before = net.Leases.Changes;
        for (var i = 0; i < 20; i++)
        {
            net.Later(1);
            Assert.Equal($"Ack {address}", net.Say(0, 1, DhcpMessageType.Request, has: address));
        }
        Assert.Equal(before, net.Leases.Changes);
        net.Later(600);
        net.Say(0, 1, DhcpMessageType.Request, has: address);
        Assert.Equal(before + 1, net.Leases.Changes);
        // What is only offered isn't kept over a restart.
        net.Say(1, 2, DhcpMessageType.Discover);
        net.Later(60);
        Assert.Equal(before + 1, net.Leases.Changes);
    }

    private static LeaseRecord Record(DhcpRig net, string address, int port, int client, LeaseState state = LeaseState.Bound) =>
        new(Ipv4Address.Parse(address), net.Rig.Port(port).Name, DhcpRig.Client(client), DhcpRig.Mac(client), state,
            net.Rig.Now + TimeSpan.FromHours(1));
}
