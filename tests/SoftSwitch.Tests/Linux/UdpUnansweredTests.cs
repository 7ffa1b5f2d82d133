using SoftSwitch.Linux.Relays;

namespace SoftSwitch.Tests.Linux;

public class UdpUnansweredTests
{
    [Fact]
    public void The_oldest_of_the_client_with_the_most_gives_way_first()
    {
        var waiting = new UdpUnanswered();
        var few = Enumerable.Range(5000, 2).Select(port => Session(1, port)).ToList();
        var many = Enumerable.Range(5000, 4).Select(port => Session(2, port)).ToList();
        few.Concat(many).ToList().ForEach(waiting.Add);
        Assert.Equal(few[1], Oldest(waiting, 5001));
        waiting.Remove(many[1]);
        waiting.Remove(many[1]);
        var order = new List<UdpSession>();
        while (waiting.TryFind(out var session))
        {
            order.Add(session);
            waiting.Remove(session);
        }
        Assert.Equal(many[0], order[0]);
        Assert.Equal([few[0], few[1], many[2], many[3]],
            order.Skip(1).OrderBy(session => session.Client.Port).ThenBy(session => session.Client.LocalPort));
        Assert.False(waiting.TryFind(5001, out _));
    }

    private static UdpSession? Oldest(UdpUnanswered waiting, int port) => waiting.TryFind(port, out var session) ? session : null;

    private static UdpSession Session(ushort client, int port) => new(null!, new(1, client, 2, port), null!, 0);
}
