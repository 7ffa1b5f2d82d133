using SoftSwitch.Linux.Relays;

namespace SoftSwitch.Tests.Linux;

public class TcpRelayTests
{
    [Fact]
    public void Forwards_that_want_all_leave_places_to_those_that_want_little()
    {
        const int all = 1600, last = all / 8;
        var relay = new TcpRelay(null, e => Assert.Fail($"{e}"), all);
        var ports = new int[4];
        var entered = Fill(relay, ref ports[0]);
        Assert.Equal(all / 2, entered);
        entered += Fill(relay, ref ports[1]);
        Assert.Equal(all - last, entered);
        Assert.Equal(RelayPlaces.Little, Fill(relay, ref ports[2]));
        Assert.Equal((3, RelayPlaces.Little), (relay.Refused, ports[2]));
        Assert.False(relay.TryEnter(ref ports[3], hasRoom: false));
        Assert.True(relay.TryEnter(ref ports[3]));
        // A place that is given back is had again by who has little, and not by who has much, while only the last ones are left.
        relay.Leave(ref ports[1]);
        Assert.False(relay.TryEnter(ref ports[0]));
        Assert.True(relay.TryEnter(ref ports[3]));
    }

    [Fact]
    public void All_places_can_be_had()
    {
        var relay = new TcpRelay(null, e => Assert.Fail($"{e}"), 200);
        var ports = new int[20];
        var entered = 0;
        for (var port = 0; port < ports.Length; port++)
            entered += Fill(relay, ref ports[port]);
        Assert.Equal(200, entered);
    }

    private static int Fill(TcpRelay relay, ref int port)
    {
        var entered = 0;
        while (relay.TryEnter(ref port))
            entered++;
        return entered;
    }
}
