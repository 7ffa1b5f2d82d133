using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Linux;

public class EphemeralPortsTests
{
    [Theory]
    [InlineData(16384, 29999, "32768\t60999\n", "\n", null)]
    [InlineData(16384, 32767, "32768\t60999\n", "\n", null)]
    [InlineData(16384, 40000, "32768\t60999\n", "\n", "the host takes ports 32768-40000")]
    [InlineData(1024, 65535, "32768\t60999\n", "8080\n", "net.ipv4.ip_local_reserved_ports=8080,32768-60999 ")]
    [InlineData(16384, 40000, "32768\t60999\n", "8080,30000-40000\n", null)]
    [InlineData(16384, 40000, "32768\t60999\n", "32768-35000,35001-40000\n", null)]
    [InlineData(16384, 40000, "32768\t60999\n", "32768-39999\n", "net.ipv4.ip_local_reserved_ports=32768-40000")]
    [InlineData(16384, 40000, "nonsense", "\n", null)]
    [InlineData(16384, 40000, "32768\t60999\n", "x-y,99999,-", "net.ipv4.ip_local_reserved_ports=32768-40000 ")]
    public void A_pool_that_the_host_chooses_from_too_is_told(int first, int last, string range, string reserved, string? expected)
    {
        var warning = EphemeralPorts.Warning([new(IpProtocol.Udp, first, last)], range, reserved);
        if (expected is null)
            Assert.Null(warning);
        else
            Assert.Contains(expected, warning);
    }

    [Fact]
    public void Pools_and_forwards_are_told_in_one_setting_with_what_is_set_already()
    {
        TransportPorts[] ours = [new(IpProtocol.Tcp, 50000, 65535), new(IpProtocol.Udp, 50000, 65535), new(IpProtocol.Udp, 30000, 40000),
            new(IpProtocol.Udp, 5000, 5100)];
        Assert.Contains("net.ipv4.ip_local_reserved_ports=8080,32768-40000,41000,50000-60999 ",
            EphemeralPorts.Warning(ours, "32768\t60999\n", "8080,41000\n"));
        Assert.Null(EphemeralPorts.Warning(ours, "32768\t60999\n", "8080,32768-40000,41000,50000-60999\n"));
    }
}
