using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Stations.Neighbors;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>Places for neighbors: who wants many takes none of another port's.</summary>
public sealed class NeighborTableTests : IDisposable
{
    /// <summary>What a table of the outside holds.</summary>
    private const int Places = 16_384;

    private static readonly Ipv4Address s_router = Ipv4Address.Parse("192.0.2.254");

    private readonly Ipv4NeighborTable _table = new(Subnet("192.0.2.0/24"), areGuests: false);
    private readonly MemoryPort _greedy = new("greedy");
    private readonly MemoryPort _modest = new("modest");
    private readonly MemoryPort _quiet = new("quiet");
    private Instant _now = new(1_000_000);

    [Fact]
    public void Neighbors_in_other_subnets_push_out_nobody()
    {
        Learn(_modest, s_router);
        // Every address with the router's low bits, in a second subnet on the link.
        for (uint i = 0; i < 256; i++)
            Ask(_greedy, Other(i << 8 | 254));
        Assert.Equal(Resolution.Send, Resolve(_greedy, s_router));
    }

    [Fact]
    public void Who_asks_for_more_than_there_is_room_for_gives_up_his_own()
    {
        Learn(_modest, s_router);
        Ask(_modest, Other(0));
        for (uint i = 1; i < 3 * Places; i++)
            Ask(_greedy, Other(i));
        Assert.Equal(Places, Count());
        Assert.Equal(Resolution.Send, Resolve(_modest, s_router));
        Assert.Equal(Resolution.Hold, Resolve(_modest, Other(0)));
        Assert.Equal(Resolution.Hold, Resolve(_greedy, Other(3 * Places - 1)));
        Assert.Equal(Resolution.HoldAndAsk, Resolve(_greedy, Other(1)));
    }

    [Fact]
    public void Where_all_are_forgotten_each_is_asked_for_anew()
    {
        Learn(_modest, s_router);
        for (uint i = 0; i < 300; i++)
            Learn(_greedy, Other(i));
        _table.ForgetAll();
        Assert.Equal(0, Count());
        Assert.Equal(Resolution.HoldAndAsk, Resolve(_modest, s_router));
        Learn(_modest, s_router);
        Assert.Equal(Resolution.Send, Resolve(_modest, s_router));
    }

    [Fact]
    public void What_works_is_given_up_last_and_only_for_another_port()
    {
        Learn(_greedy, s_router);
        for (uint i = 0; i < Places - 1; i++)
            Learn(_greedy, Other(i));
        // His own still work: there is no room for one more of his.
        Assert.Equal(Resolution.NoRoom, Resolve(_greedy, Other(Places)));
        Learn(_greedy, Other(Places));
        Assert.Equal(Resolution.Send, Resolve(_modest, s_router));
        _now += TimeSpan.FromSeconds(1);
        Learn(_greedy, s_router);
        // Another has little: he gets one, and it isn't the one that was confirmed last.
        Learn(_modest, Other(Places + 1));
        Assert.Equal(Places, Count());
        Assert.Equal(Resolution.Send, Resolve(_modest, Other(Places + 1)));
        Assert.Equal(Resolution.Send, Resolve(_modest, s_router));
        // What hasn't been confirmed for a minute may go for his own.
        _now += TimeSpan.FromSeconds(61);
        Assert.Equal(Resolution.HoldAndAsk, Resolve(_greedy, Other(Places)));
        Assert.Equal(Places, Count());
    }

    [Fact]
    public void A_question_that_was_not_sent_takes_no_place()
    {
        for (uint i = 0; i < 100; i++)
        {
            Ask(_greedy, Other(i));
            _table.TakeBack(Other(i), _now);
        }
        Assert.Equal(0, Count());
        Assert.Equal(Resolution.HoldAndAsk, Resolve(_modest, Other(5)));
    }

    [Fact]
    public void Guests_have_a_place_for_each_address_whoever_asks()
    {
        var table = new Ipv4NeighborTable(Subnet("10.50.0.0/16"), areGuests: true);
        for (uint i = 1; i < 65_535; i++)
            Assert.Equal(Resolution.HoldAndAsk, table.Resolve(new(0x0A32_0000 | i), _greedy, _now, out _));
        Assert.Equal(Resolution.Hold, table.Resolve(new(0x0A32_0001), _modest, _now, out _));
    }

    [Fact]
    public void What_is_forgotten_gives_its_place_back_and_all_others_are_found()
    {
        for (uint i = 0; i < 10_000; i++)
            Learn(i % 3 == 0 ? _greedy : _modest, Other(i));
        for (uint i = 0; i < 10_000; i += 2)
            _table.Forget(Other(i));
        Assert.Equal(5_000, Count());
        for (uint i = 0; i < 10_000; i++)
            Assert.Equal(i % 2 == 0 ? Resolution.HoldAndAsk : Resolution.Send, Resolve(_modest, Other(i)));
        _now += TimeSpan.FromMinutes(21);
        _table.Sweep(_now, int.MaxValue);
        Assert.Equal(0, Count());
        Assert.False(_table.HasDoubts);
    }

    [Fact]
    public void A_sweep_looks_at_a_part_and_the_next_goes_on()
    {
        for (uint i = 0; i < 5_000; i++)
            Learn(_modest, Other(i));
        _now += TimeSpan.FromMinutes(21);
        for (var left = 4_000; left >= 0; left -= 1_000)
        {
            _table.Sweep(_now, 1_000);
            Assert.Equal(left, Count());
        }
    }

    /// <summary>The router counts for a port that wants no other: where a full table takes from the port with the most, it could else be
    /// his turn, however the two threads run.</summary>
    [Fact]
    public void Who_reads_while_others_come_and_go_reads_no_other_s_address()
    {
        Learn(_quiet, s_router);
        var isOver = false;
        var churn = new Thread(() =>
        {
            for (uint i = 0; !Volatile.Read(ref isOver); i++)
            {
                _table.Learn(Other(i % 50_000), MacOf(Other(i % 50_000)), _greedy, _now, create: true);
                _table.Forget(Other((i + 25_000) % 50_000));
            }
        });
        churn.Start();
        try
        {
            for (uint i = 0; i < 300_000; i++)
            {
                var address = i % 2 == 0 ? s_router : Other(i % 50_000);
                var resolution = _table.Resolve(address, _modest, _now, out var mac);
                Assert.True(resolution != Resolution.Send || mac == MacOf(address), $"at {i}: {mac} for {address}");
                Assert.True(i % 2 != 0 || resolution == Resolution.Send, $"at {i}: {resolution} for the router");
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            churn.Join();
        }
    }

    public void Dispose()
    {
        _greedy.Dispose();
        _modest.Dispose();
        _quiet.Dispose();
    }

    private static Ipv4Address Other(uint number) => new(0x0A63_0000 + number);

    private static MacAddress MacOf(Ipv4Address address) => new(0x0600_0000_0000UL | address.Value);

    private void Learn(Port by, Ipv4Address address) => _table.Learn(address, MacOf(address), by, _now, create: true);

    private Resolution Resolve(Port by, Ipv4Address address) => _table.Resolve(address, by, _now, out _);

    private void Ask(Port by, Ipv4Address address) => Assert.Equal(Resolution.HoldAndAsk, Resolve(by, address));

    private int Count()
    {
        var neighbors = new List<Neighbor>();
        _table.CopyTo(neighbors, _now);
        return neighbors.Count;
    }
}
