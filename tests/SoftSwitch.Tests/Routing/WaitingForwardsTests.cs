using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Routing;

/// <summary>Which ports, at which addresses, lead to somebody whose address isn't known yet.</summary>
public class WaitingForwardsTests
{
    private static readonly Ipv4Address s_one = Ipv4Address.Parse("192.0.2.1"), s_two = Ipv4Address.Parse("192.0.2.2"),
        s_three = Ipv4Address.Parse("192.0.2.3");

    [Fact]
    public void Of_several_that_have_a_port_each_waits_at_its_own_address()
    {
        var waiting = WaitingForwards.Of(
        [
            (new(IpProtocol.Tcp, 80, 89), s_one, false),
            (new(IpProtocol.Tcp, 80, 80), s_two, true),
            (new(IpProtocol.Udp, 80, 80), s_three, true),
        ]);
        Assert.Equal("waits", At(waiting, s_one, IpProtocol.Tcp, 80));
        Assert.Equal("waits in vain", At(waiting, s_two, IpProtocol.Tcp, 80));
        Assert.Equal("", At(waiting, s_three, IpProtocol.Tcp, 80));
        Assert.Equal("waits in vain", At(waiting, s_three, IpProtocol.Udp, 80));
        Assert.Equal("", At(waiting, s_two, IpProtocol.Udp, 80));
        Assert.Equal("waits", At(waiting, s_one, IpProtocol.Tcp, 89));
        Assert.Equal("", At(waiting, s_two, IpProtocol.Tcp, 89));
        Assert.Equal("", At(waiting, s_one, IpProtocol.Tcp, 90));
        Assert.Equal("", At(waiting, s_one, IpProtocol.Icmp, 80));
    }

    [Theory]
    [InlineData(false, "waits")]
    [InlineData(true, "waits in vain")]
    public void One_for_all_addresses_waits_at_each_whatever_others_do(bool inVain, string expected)
    {
        var waiting = WaitingForwards.Of(
            [(new(IpProtocol.Udp, 0, 65_535), null, inVain), (new(IpProtocol.Tcp, 53, 53), s_one, !inVain)]);
        Assert.Equal(expected, At(waiting, s_one, IpProtocol.Udp, 53));
        Assert.Equal(expected, At(waiting, s_two, IpProtocol.Udp, 65_535));
        Assert.Equal("", At(waiting, s_two, IpProtocol.Tcp, 53));
    }

    private static string At(WaitingForwards waiting, Ipv4Address address, byte protocol, ushort port) =>
        !waiting.Contains(address, protocol, port, out var inVain) ? "" : inVain ? "waits in vain" : "waits";
}
