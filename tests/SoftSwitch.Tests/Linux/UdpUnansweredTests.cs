using SoftSwitch.Linux.Relays;

namespace SoftSwitch.Tests.Linux;

public sealed class UdpUnansweredTests
{
    private readonly UdpUnanswered _waiting = new();
    private readonly Forward _few = new(), _many = new(), _late = new();

    [Fact]
    public void The_oldest_of_the_forward_with_the_most_gives_way_first_however_many_clients_it_has()
    {
        // One client of the first forward, and of the other one that has a port for each.
        var few = Enumerable.Range(0, 2).Select(port => Begin(_few, 1, 5000 + port)).ToList();
        var many = Enumerable.Range(0, 4).Select(client => Begin(_many, (ushort)(2 + client), 6000)).ToList();
        Assert.Equal(few[1], _waiting.TryFind(5001, out var oldest) ? oldest : null);
        End(many[1]);
        _waiting.Remove(many[1]);
        var order = new List<UdpSession>();
        while (_waiting.TryFind(_late.Share, out var session))
        {
            order.Add(session);
            End(session);
        }
        Assert.Equal(many[0], order[0]);
        Assert.Equal(new HashSet<UdpSession>([few[0], many[2]]), [.. order[1..3]]);
        Assert.Equal(new HashSet<UdpSession>([few[1], many[3]]), [.. order[3..]]);
        Assert.False(_waiting.TryFind(5001, out _));
    }

    [Fact]
    public void A_forward_that_has_more_takes_no_place_from_one_that_has_less()
    {
        var few = Begin(_few, 1, 5000);
        foreach (var answered in Enumerable.Range(0, 3).Select(client => Begin(_many, (ushort)(2 + client), 6000)).ToList())
            _waiting.Remove(answered);
        Assert.False(_waiting.TryFind(_many.Share, out _));
        var own = Begin(_many, 9, 6000);
        Assert.Equal(own, _waiting.TryFind(_many.Share, out var oldest) ? oldest : null);
        // Who has less than both may have one of either.
        Assert.True(_waiting.TryFind(_late.Share, out oldest) && (oldest == few || oldest == own));
    }

    private UdpSession Begin(Forward forward, ushort client, int port)
    {
        var session = new UdpSession(forward, new(1, client, 2, port), null!, 0);
        forward.Add(session);
        _waiting.Add(session);
        return session;
    }

    private void End(UdpSession session)
    {
        _waiting.Remove(session);
        session.Entrance.Remove(session);
    }

    /// <summary>A forward that nothing comes in by.</summary>
    private sealed class Forward() : UdpEntrance(null!, 0)
    {
        internal UdpShare Share { get; } = new();

        internal override int Forwards => 1;

        internal override int Fd => -1;

        internal override UdpShare ShareOf(int port) => Share;

        internal override bool TryTake(UdpDatagrams datagrams, out UdpClientId? client, out UdpPayload payload)
        {
            (client, payload) = (null, default);
            return false;
        }

        internal override void Answer(UdpDatagrams datagrams, UdpClientId client, int length)
        {
        }

        internal override void Close()
        {
        }
    }
}
