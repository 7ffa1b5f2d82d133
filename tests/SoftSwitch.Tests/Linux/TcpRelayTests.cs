using SoftSwitch.Linux.Outside.Forwards;

namespace SoftSwitch.Tests.Linux;

public class TcpRelayTests
{
    [Fact]
    public void A_port_has_its_share_of_the_connections_and_all_ports_together_have_theirs()
    {
        var relay = new TcpRelay(null);
        var ports = new int[TcpRelay.MaxConnections / TcpRelay.MaxConnectionsPerPort + 1];
        for (var i = 0; i < TcpRelay.MaxConnectionsPerPort; i++)
            Assert.True(relay.TryEnter(ref ports[0]));
        Assert.False(relay.TryEnter(ref ports[0]));
        for (var port = 1; port < ports.Length - 1; port++)
        {
            for (var i = 0; i < TcpRelay.MaxConnectionsPerPort; i++)
                Assert.True(relay.TryEnter(ref ports[port]));
        }
        Assert.False(relay.TryEnter(ref ports[^1]));
        Assert.Equal((2, 0), (relay.Refused, ports[^1]));
        relay.Leave(ref ports[1]);
        Assert.False(relay.TryEnter(ref ports[0]));
        Assert.True(relay.TryEnter(ref ports[^1]));
    }
}
