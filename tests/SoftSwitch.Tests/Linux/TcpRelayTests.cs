using SoftSwitch.Linux.Relays;

namespace SoftSwitch.Tests.Linux;

public class TcpRelayTests
{
    [Fact]
    public void Forwards_that_want_all_leave_places_to_those_that_want_little()
    {
        const int all = 1600, few = all / 8 / 4;
        var (relay, ports) = Make(all, 4);
        var entered = Fill(relay, ref ports[0]);
        Assert.Equal(all / 2, entered);
        entered += Fill(relay, ref ports[1]);
        Assert.Equal(all - 4 * few, entered);
        Assert.Equal(few, Fill(relay, ref ports[2]));
        Assert.Equal((3, few), (relay.Refused, ports[2]));
        Assert.False(relay.TryEnter(ref ports[3], hasRoom: false));
        Assert.True(relay.TryEnter(ref ports[3]));
        // A place that is given back is had again by who has little, and not by who has much, while only the last ones are left.
        relay.Leave(ref ports[1]);
        Assert.False(relay.TryEnter(ref ports[0]));
        Assert.True(relay.TryEnter(ref ports[3]));
    }

    [Fact]
    public void A_forward_alone_can_have_all_that_one_may()
    {
        var (relay, ports) = Make(200, 1);
        Assert.Equal(100, Fill(relay, ref ports[0]));
    }

    /// <summary>What a forward may have would be there for a few of them.</summary>
    [Fact]
    public void However_many_forwards_are_greedy_the_last_one_has_a_place()
    {
        var (relay, ports) = Make(16_384, 1_000);
        for (var port = 0; port < ports.Length - 1; port++)
            Fill(relay, ref ports[port]);
        Assert.True(relay.TryEnter(ref ports[^1]));
    }

    private static (TcpRelay Relay, int[] Ports) Make(int all, int ports)
    {
        var relay = new TcpRelay(null, e => Assert.Fail($"{e}"), all);
        for (var i = 0; i < ports; i++)
            relay.Join();
        return (relay, new int[ports]);
    }

    private static int Fill(TcpRelay relay, ref int port)
    {
        var entered = 0;
        while (relay.TryEnter(ref port))
            entered++;
        return entered;
    }
}
