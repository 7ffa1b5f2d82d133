using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using static SoftSwitch.Packets.Dhcp.DhcpMessageType;

namespace SoftSwitch.Tests.Services.Dhcp;

/// <summary>What clients leave behind who come and go all the time: no more than what they have.</summary>
public sealed class RestlessClientTests
{
    /// <summary>Each lease would be looked at when its time is over; long before, it is another's.</summary>
    [Fact]
    public void Who_comes_and_goes_under_new_names_leaves_nothing_behind()
    {
        using var net = new DhcpRig();
        for (var client = 0; client < 2_000; client++)
        {
            (byte, byte[]) id = (DhcpOption.ClientIdentifier, [0, (byte)client, (byte)(client >> 8)]);
            var address = net.Boot(0, 1, id);
            Assert.StartsWith("10.10.0.5", address, StringComparison.Ordinal);
            net.Say(0, 1, Release, server: DhcpRig.Server, has: address, also: id);
        }
        Assert.InRange(net.Leases.Looks, 1, 100);
    }

    [Fact]
    public void Who_asks_for_less_time_each_time_leaves_nothing_behind()
    {
        using var net = new DhcpRig();
        var address = net.Boot(0, 1);
        for (var time = 3600; time > 600; time--)
        {
            (byte, byte[]) wish = (DhcpOption.LeaseTime, [0, 0, (byte)(time >> 8), (byte)time]);
            Assert.Equal($"Ack {address}", net.Say(0, 1, Request, has: address, also: wish));
        }
        Assert.InRange(net.Leases.Looks, 1, 100);
        net.Later(599);
        Assert.Equal(LeaseState.Bound, State(net, address));
        net.Later(3);
        Assert.Equal(LeaseState.Kept, State(net, address));
    }

    private static LeaseState State(DhcpRig net, string address)
    {
        var leases = new List<LeaseRecord>();
        net.Leases.CopyTo(leases);
        return Assert.Single(leases, lease => lease.Address == Ipv4Address.Parse(address)).State;
    }
}
