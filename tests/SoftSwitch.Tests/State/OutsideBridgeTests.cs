using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.State;

public class OutsideBridgeTests
{
    [Fact]
    public void Where_the_station_cannot_be_made_nothing_of_the_port_is_left()
    {
        using var running = new MemorySwitch();
        using var endpoint = new MemoryEndpoint();
        Assert.Throws<IOException>(() => OutsideBridge.Open(
            running, MemorySwitch.Port("dev.host"), endpoint, static () => throw new IOException("no memory")));
        Assert.Equal(1, endpoint.Disposals);
        Assert.Empty(running.Ports.All);
        Assert.Equal(0, running.Workers.First.PortCount);
    }
}
