using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class StaticStationTests
{
    private static readonly Instant Now = new(1_000_000);

    private static Fdb WithStatic()
    {
        using var rig = new Rig(ports: 4, stations: 1000);
        var fdb = rig.Bridge().Fdb;
        fdb.SetStatic(new MacAddress(Mac(1)), 1);
        return fdb;
    }

    [Fact]
    public void A_static_station_does_not_age()
    {
        var fdb = WithStatic();
        var later = Now + TimeSpan.FromDays(3650);
        fdb.Sweep(later, fdb.BucketCount);
        Assert.Equal(1, fdb.Lookup(Mac(1), later));
        var shown = new List<FdbEntry>();
        fdb.CopyTo(shown, later);
        Assert.True(Assert.Single(shown).IsStatic);
    }

    [Fact]
    public void Nobody_else_can_claim_the_address_of_a_static_station()
    {
        var fdb = WithStatic();
        Assert.False(fdb.Learn(Mac(1), 2, Now));
        Assert.Equal(1, fdb.Lookup(Mac(1), Now));
    }

    [Fact]
    public void A_static_station_that_is_heard_stays_static()
    {
        var fdb = WithStatic();
        Assert.True(fdb.Learn(Mac(1), 1, Now));
        Assert.Equal(1, fdb.Lookup(Mac(1), Now + TimeSpan.FromDays(1)));
    }

    [Fact]
    public void A_station_that_was_heard_gives_way_to_a_static_one()
    {
        var fdb = WithStatic();
        fdb.Learn(Mac(2), 3, Now);
        fdb.SetStatic(new MacAddress(Mac(2)), 4);
        Assert.Equal(4, fdb.Lookup(Mac(2), Now + TimeSpan.FromDays(1)));
        Assert.Equal(2, fdb.Count);
    }

    [Fact]
    public void A_static_station_goes_with_its_port()
    {
        var fdb = WithStatic();
        fdb.Flush(1);
        Assert.Equal(0, fdb.Lookup(Mac(1), Now));
        Assert.True(fdb.Learn(Mac(1), 2, Now));
        Assert.Equal(2, fdb.Lookup(Mac(1), Now));
    }

    [Fact]
    public void Forged_sources_never_push_out_a_static_station()
    {
        var fdb = WithStatic();
        for (uint i = 0; i < 100_000; i++)
            fdb.Learn(Mac(1_000 + i), 2, Now);
        Assert.Equal(1, fdb.Lookup(Mac(1), Now));
    }

    [Fact]
    public void No_number_of_stations_behind_its_own_port_pushes_out_a_static_one()
    {
        var fdb = WithStatic();
        for (uint i = 0; i < 100_000; i++)
            fdb.Learn(Mac(1_000 + i), 1, Now);
        Assert.Equal(1, fdb.Lookup(Mac(1), Now));
        Assert.Equal(fdb.PortCapacity + 1, fdb.Count);
        fdb.Flush(1);
        Assert.Equal(0, fdb.Count);
    }

    [Fact]
    public void A_full_table_gives_up_none()
    {
        var fdb = WithStatic();
        for (uint i = 0; i < 100_000; i++)
            fdb.Learn(Mac(1_000 + i), (ushort)(1 + i % 4), Now);
        Assert.Equal(1, fdb.Lookup(Mac(1), Now));
    }

    [Fact]
    public void As_many_static_stations_as_find_room_push_out_none_of_each_other()
    {
        // 80 places in buckets of five, and the seeds differ from table to table.
        for (var table = 0; table < 300; table++)
        {
            using var rig = new Rig(ports: 4, stations: 38);
            var fdb = rig.Bridge().Fdb;
            for (uint i = 1; i <= 38; i++)
                fdb.Learn(Mac(1000 + i), (ushort)(1 + i % 4), Now);
            for (uint i = 1; i <= 40; i++)
            {
                fdb.SetStatic(new(Mac(i)), (ushort)(1 + i % 4));
                for (uint j = 1; j <= i; j++)
                    Assert.Equal(1 + j % 4, fdb.Lookup(Mac(j), Now));
            }
        }
    }

    [Fact]
    public void A_station_that_is_heard_while_it_becomes_static_is_static()
    {
        using var rig = new Rig(ports: 4, stations: 1000);
        var fdb = rig.Bridge().Fdb;
        var seconds = 1000L;
        var stop = false;
        var failures = new Exception?[2];
        var threads = Enumerable.Range(0, 2).Select(worker => new Thread(() => failures[worker] = Record.Exception(() =>
        {
            for (uint i = 0; !Volatile.Read(ref stop); i++)
            {
                // Every frame has a new stamp to write, at its place and elsewhere.
                var now = new Instant(Interlocked.Increment(ref seconds) * 1000);
                fdb.Learn(Mac(1), (ushort)(1 + worker), now);
                fdb.Refresh(Mac(1), 1, now);
                fdb.Learn(Mac(100 + i % 900), 3, now);
            }
        }))).ToList();
        threads.ForEach(thread => thread.Start());
        for (var i = 0; i < 20_000; i++)
        {
            fdb.SetStatic(new(Mac(1)), 1);
            Assert.True(fdb.Find(Mac(1), new(long.MaxValue / 4)) is { Slot: 1, IsStatic: true });
            fdb.Flush(1);
        }
        fdb.SetStatic(new(Mac(1)), 1);
        Volatile.Write(ref stop, true);
        foreach (var thread in threads)
            Assert.True(thread.Join(TimeSpan.FromMinutes(2)), "a worker hangs");
        Assert.All(failures, Assert.Null);
        Assert.True(fdb.Find(Mac(1), new(long.MaxValue / 4)) is { Slot: 1, IsStatic: true });
    }
}
