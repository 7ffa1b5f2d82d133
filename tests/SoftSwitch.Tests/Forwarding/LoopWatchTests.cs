using System.Collections.Frozen;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class LoopWatchTests : IDisposable
{
    private readonly Rig _rig = new(ports: 3);
    private readonly List<(int From, int By)> _found = [];
    private int _suspected;

    public LoopWatchTests()
    {
        _rig.Bridge().Loops.Suspected = () => _suspected++;
        _rig.Bridge().Loops.Found = seen => _found.Add((seen.Sent.Slot - 1, seen.Heard.Slot - 1));
    }

    [Fact]
    public void A_probe_that_comes_back_is_told_and_goes_no_further()
    {
        var probes = Ask();
        _rig.Carry(2, probes[1].Frame);
        Assert.Equal((1, 2), Assert.Single(_found));
        Assert.Equal(1, _rig.InDrops(2, DropReason.LoopProbe));
        Assert.Empty(_rig.Received(0));
        _rig.Carry(0, probes[0].Frame);
        Assert.Equal((0, 0), _found[^1]);
    }

    [Fact]
    public void It_is_told_also_where_the_port_is_down()
    {
        var probes = Ask();
        _rig.Bridge().SetUp(_rig.Member(2), false);
        _rig.Carry(2, probes[1].Frame);
        Assert.Equal((1, 2), Assert.Single(_found));
    }

    [Fact]
    public void One_that_is_old_or_of_another_network_passes_as_any_frame()
    {
        var old = Ask();
        Ask();
        Ask();
        _rig.Carry(2, old[1].Frame);
        _rig.Add(network: 1);
        _rig.Carry(2, _rig.Bridge(1).Loops.Ask([_rig.Member(3)])[0].Frame);
        Assert.Empty(_found);
        Assert.Equal(2, _rig.Received(0).Count);
    }

    [Fact]
    public void One_that_goes_round_and_round_is_told_a_few_times_only()
    {
        var probes = Ask();
        for (var i = 0; i < 1000; i++)
            _rig.Carry(2, probes[1].Frame);
        Assert.InRange(_found.Count, 1, 10);
        Assert.Equal(1000, _rig.InDrops(2, DropReason.LoopProbe));
    }

    [Fact]
    public void No_two_ports_and_no_two_rounds_have_the_same() => Assert.Distinct(Ask().Concat(Ask())
        .Select(probe => Convert.ToHexString(probe.Frame)));

    [Fact]
    public void A_station_that_has_moved_once_is_no_loop_and_one_that_moves_on_and_on_makes_us_ask_once_a_second()
    {
        _rig.Carry(0, Frame(Broadcast, Mac(1)));
        _rig.Carry(1, Frame(Broadcast, Mac(1)));
        _rig.Now += TimeSpan.FromMinutes(1);
        _rig.Carry(2, Frame(Broadcast, Mac(1)));
        Assert.Equal(0, _suspected);
        for (var i = 0; i < 100; i++)
            _rig.Carry(i % 2, Frame(Broadcast, Mac(1)));
        Assert.Equal(1, _suspected);
        _rig.Now += TimeSpan.FromSeconds(1);
        for (var i = 0; i < 100; i++)
            _rig.Carry(i % 2, Frame(Broadcast, Mac(1)));
        Assert.Equal(2, _suspected);
    }

    /// <summary>What goes round more slowly than a flood may be shows by nothing else, where the file gives all guests their
    /// addresses.</summary>
    [Fact]
    public void A_station_that_comes_back_by_another_port_than_the_one_it_belongs_to_makes_us_ask()
    {
        _rig.Bridge().Bound = new Dictionary<MacAddress, string> { [new(Mac(9))] = _rig.Port(0).Name }.ToFrozenDictionary();
        for (var i = 0; i < 3; i++)
            _rig.Carry(1, Frame(Broadcast, Mac(9)));
        Assert.Equal(3, _rig.InDrops(1, DropReason.SourceTaken));
        Assert.Equal(1, _suspected);
    }

    [Fact]
    public void A_station_that_can_t_move_makes_us_ask_as_well()
    {
        _rig.Bridge().Bound = new Dictionary<MacAddress, string> { [new(Mac(1))] = _rig.Port(0).Name }.ToFrozenDictionary();
        for (var i = 0; i < 10; i++)
            _rig.Carry(i % 2, Frame(Broadcast, Mac(1)));
        Assert.Equal(1, _suspected);
        Assert.Equal(5, _rig.InDrops(1, DropReason.SourceTaken));
    }

    [Fact]
    public void Who_floods_beyond_the_limit_makes_us_ask()
    {
        _rig.Member(0).FloodLimit = 10;
        for (var i = 0; i < 20; i++)
            _rig.Carry(0, Frame(Broadcast, Mac(1)));
        Assert.Equal(1, _suspected);
    }

    [Fact]
    public void A_probe_is_found_though_the_port_floods_beyond_its_limit()
    {
        var probes = Ask();
        _rig.Member(0).FloodLimit = 1;
        for (var i = 0; i < 20; i++)
            _rig.Carry(0, Frame(Broadcast, Mac(1)));
        _rig.Carry(0, probes[1].Frame);
        Assert.Single(_found);
    }

    [Fact]
    public void A_probe_is_no_station_and_is_found_whatever_its_port_has_done_to_stations()
    {
        // The port may bring no new station any more.
        for (var i = 0u; i < 40_000; i++)
            _rig.Carry(2, Frame(Mac(1), Mac(1_000 + i)));
        Assert.True(_rig.InDrops(2, DropReason.StationFlood) > 0);
        var probes = Ask();
        _rig.Carry(2, probes[1].Frame);
        Assert.Equal((1, 2), Assert.Single(_found));
        // Its source is somebody's already: another port's, or this one's own.
        var source = MacAddress.Read(probes[0].Frame.AsSpan(6)).Value;
        _rig.Carry(1, Frame(Broadcast, source));
        _rig.Carry(2, probes[0].Frame);
        Assert.Equal((0, 2), _found[^1]);
        _rig.Carry(1, probes[0].Frame);
        Assert.Equal((0, 1), _found[^1]);
        Assert.Equal(0, _rig.Bridge().Fdb.Lookup(MacAddress.Read(probes[1].Frame.AsSpan(6)).Value, _rig.Now));
    }

    [Fact]
    public void Sources_of_probes_can_t_be_known_before()
    {
        var sources = Enumerable.Range(0, 100).SelectMany(_ => Ask())
            .Select(probe => MacAddress.Read(probe.Frame.AsSpan(6)).Value).ToList();
        Assert.Distinct(sources);
        Assert.All(sources, source => Assert.Equal(0x02UL, source >> 40));
        Assert.All(Enumerable.Range(0, 40), bit => Assert.Equal(2, sources.Select(source => (source >> bit) & 1).Distinct().Count()));
    }

    public void Dispose() => _rig.Dispose();

    private IReadOnlyList<SentProbe> Ask() => _rig.Bridge().Loops.Ask(Enumerable.Range(0, 3).Select(_rig.Member));
}
