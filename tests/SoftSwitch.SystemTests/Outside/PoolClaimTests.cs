using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Nftables;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Outside;

public sealed class PoolClaimTests
{
    [Theory]
    [InlineData(IpProtocol.Tcp, 16384, 29999, null, true)]
    [InlineData(IpProtocol.Tcp, 29999, 40000, null, true)]
    [InlineData(IpProtocol.Tcp, 20000, 20000, null, true)]
    [InlineData(IpProtocol.Tcp, 1024, 65535, null, true)]
    [InlineData(IpProtocol.Tcp, 30000, 40000, null, false)]
    [InlineData(IpProtocol.Tcp, 1024, 16383, null, false)]
    [InlineData(IpProtocol.Udp, 16384, 29999, null, false)]
    [InlineData(IpProtocol.Tcp, 20000, 20000, "192.0.2.10", true)]
    [InlineData(IpProtocol.Udp, 40000, 49999, null, true)]
    [InlineData(IpProtocol.Udp, 40000, 49999, "192.0.2.10", true)]
    [InlineData(IpProtocol.Udp, 49999, 59999, "192.0.2.10", true)]
    [InlineData(IpProtocol.Udp, 40000, 49999, "192.0.2.11", false)]
    public void Ports_of_one_interface_have_one_switch(byte protocol, int first, int last, string? on, bool isTaken)
    {
        Need.Root();
        using var sandbox = Sandbox.Make();
        ForwardedPorts[] pool =
        [
            new(new(IpProtocol.Tcp, 16384, 29999), null), new(new(IpProtocol.Udp, 40000, 49999), Ipv4Address.Parse("192.0.2.10")),
        ];
        // More than one table has room for.
        var others = Enumerable.Range(100, 20).Select(port => new ForwardedPorts(new(IpProtocol.Udp, port, port), null));
        ForwardedPorts[] other = [.. others, new(new(protocol, first, last), on is null ? null : Ipv4Address.Parse(on))];
        var claim = PoolClaim.Take("nic", 5, pool, sandbox.Namespace);
        using (PoolClaim.Take("other", 6, other, sandbox.Namespace))
        {
        }
        if (isTaken)
        {
            var refusal = Assert.Throws<SystemCallException>(() => PoolClaim.Take("nic", 5, other, sandbox.Namespace));
            Assert.Equal(Errno.EBUSY, refusal.ErrorNumber);
            Assert.Contains("translates with some of these ports already", refusal.Message);
        }
        else
        {
            PoolClaim.Take("nic", 5, other, sandbox.Namespace).Dispose();
        }
        claim.Dispose();
        // A program that another test starts in this moment has its socket until it executes.
        Eventually.Holds(() => NftTable.Names(NftFamily.Ipv4, sandbox.Namespace).Count == 0);
        PoolClaim.Take("nic", 5, other, sandbox.Namespace).Dispose();
    }
}
