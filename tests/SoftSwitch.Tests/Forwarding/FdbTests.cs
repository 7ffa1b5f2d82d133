using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

public sealed class FdbTests
{
    private static readonly Instant Now = new(1_000_000);

    [Fact]
    public void Four_hundred_thousand_forged_sources_at_one_port_push_out_no_station_of_another()
    {
        using var rig = new Rig(ports: 4);
        var fdb = rig.Bridge().Fdb;
        for (uint i = 1; i <= 1000; i++)
        {
            fdb.Learn(Mac(i), 1, Now);
            fdb.Learn(Mac(10_000 + i), 2, Now);
        }
        for (uint i = 0; i < 400_000; i++)
            fdb.Learn(Mac(1_000_000 + i), 3, Now);
        for (uint i = 1; i <= 1000; i++)
        {
            Assert.Equal(1, fdb.Lookup(Mac(i), Now));
            Assert.Equal(2, fdb.Lookup(Mac(10_000 + i), Now));
        }
        Assert.Equal(2000 + fdb.PortCapacity, fdb.Count);
        Assert.Equal(400_000 - fdb.PortCapacity, fdb.Evicted + fdb.Refused);
        Assert.Equal(3, fdb.Lookup(Mac(1_000_000 + 399_999), Now));
        fdb.Learn(Mac(5000), 1, Now);
        Assert.Equal(1, fdb.Lookup(Mac(5000), Now));
    }

    [Fact]
    public void A_full_table_takes_from_the_ports_that_hold_the_most()
    {
        using var rig = new Rig(ports: 5, stations: 1000);
        var fdb = rig.Bridge().Fdb;
        for (uint i = 0; i < 100; i++)
            fdb.Learn(Mac(i + 1), 1, Now);
        for (uint i = 0; i < 20_000; i++)
        {
            for (ushort slot = 2; slot <= 5; slot++)
                fdb.Learn(Mac(slot * 100_000u + i), slot, Now);
            Assert.True(fdb.Count <= fdb.Capacity);
        }
        for (uint i = 0; i < 100; i++)
            Assert.Equal(1, fdb.Lookup(Mac(i + 1), Now));
        Assert.InRange(fdb.Count, 990, 1000);
        var held = Entries(fdb).CountBy(entry => entry.Slot).ToDictionary();
        for (ushort slot = 2; slot <= 5; slot++)
            Assert.InRange(held[slot], 215, 235);
    }

    [Fact]
    public void A_table_filled_to_its_limit_finds_every_station_and_refuses_none()
    {
        using var rig = new Rig(ports: 2, stations: 20_000);
        var fdb = rig.Bridge().Fdb;
        for (uint i = 0; i < 10_000; i++)
        {
            fdb.Learn(Mac(i + 1), 1, Now);
            fdb.Learn(Mac(i + 100_001), 2, Now);
        }
        for (uint i = 0; i < 10_000; i++)
        {
            Assert.Equal(1, fdb.Lookup(Mac(i + 1), Now));
            Assert.Equal(2, fdb.Lookup(Mac(i + 100_001), Now));
        }
        Assert.Equal((20_000, 0L, 0L), (fdb.Count, fdb.Evicted, fdb.Refused));
        Assert.Equal(20_000, Entries(fdb).Select(entry => entry.Mac).Distinct().Count());
    }

    [Fact]
    public void Where_both_buckets_are_full_a_neighbor_moves_and_nobody_else_is_lost()
    {
        // 16 buckets of 5 are the smallest table: 38 stations in 80 places make full buckets, and the seeds differ from table to table.
        var relocated = false;
        for (var table = 0; table < 300; table++)
        {
            using var rig = new Rig(ports: 2, stations: 38);
            var fdb = rig.Bridge().Fdb;
            for (uint i = 1; i <= 38; i++)
            {
                var places = Entries(fdb).Select(entry => entry.Mac).ToList();
                fdb.Learn(Mac(i), (ushort)(1 + i % 2), Now);
                relocated |= !Entries(fdb).Select(entry => entry.Mac).Where(places.Contains).SequenceEqual(places);
                for (uint j = 1; j <= i && fdb.Refused == 0 && fdb.Evicted == 0; j++)
                    Assert.Equal(1 + j % 2, fdb.Lookup(Mac(j), Now));
                Assert.Equal(i, fdb.Count + fdb.Refused + fdb.Evicted);
            }
        }
        Assert.True(relocated);
    }

    [Fact]
    public void A_port_at_its_limit_gives_up_its_oldest_station()
    {
        using var rig = new Rig(ports: 2, stations: 1000);
        var fdb = rig.Bridge().Fdb;
        for (uint i = 1; i <= 501; i++)
            fdb.Learn(Mac(i), 1, Now);
        Assert.Equal(0, fdb.Lookup(Mac(1), Now));
        Assert.Equal(1, fdb.Lookup(Mac(501), Now));
        Assert.Equal((500, 1L), (fdb.Count, fdb.Evicted));
    }

    [Fact]
    public void A_station_that_moves_to_a_port_at_its_limit_costs_that_port_a_station_of_its_own()
    {
        using var rig = new Rig(ports: 2, stations: 100);
        var fdb = rig.Bridge().Fdb;
        fdb.Learn(Mac(1000), 2, Now);
        fdb.Learn(Mac(1001), 2, Now);
        for (uint i = 1; i <= 50; i++)
            fdb.Learn(Mac(i), 1, Now);
        Assert.True(fdb.Move(Mac(1000), 2, 1, Now));
        Assert.Equal(1, fdb.Lookup(Mac(1000), Now));
        Assert.Equal(2, fdb.Lookup(Mac(1001), Now));
        Assert.Equal(0, fdb.Lookup(Mac(1), Now));
        Assert.Equal(51, fdb.Count);
    }

    [Fact]
    public void A_flush_forgets_the_stations_of_its_slot_alone()
    {
        using var rig = new Rig(ports: 2);
        var fdb = rig.Bridge().Fdb;
        for (uint i = 1; i <= 2000; i++)
            fdb.Learn(Mac(i), (ushort)(1 + i % 2), Now);
        fdb.Flush(1);
        Assert.Equal(1000, fdb.Count);
        Assert.All(Entries(fdb), entry => Assert.Equal(2, entry.Slot));
        fdb.Flush(2);
        fdb.Flush(2);
        Assert.Equal(0, fdb.Count);
    }

    [Fact]
    public void A_sweep_forgets_the_silent_and_keeps_the_others()
    {
        using var rig = new Rig(ports: 2);
        var fdb = rig.Bridge().Fdb;
        for (uint i = 1; i <= 1000; i++)
            fdb.Learn(Mac(i), 1, Now);
        var later = Now + TimeSpan.FromSeconds(200);
        for (uint i = 1; i <= 500; i++)
            fdb.Learn(Mac(i), 1, later);
        var late = Now + TimeSpan.FromSeconds(301);
        for (var i = 0; i < 10; i++)
            fdb.Sweep(late, fdb.BucketCount / 10 + 1);
        Assert.Equal(500, fdb.Count);
        for (uint i = 1; i <= 1000; i++)
            Assert.Equal(i <= 500 ? 1 : 0, fdb.Lookup(Mac(i), late));
    }

    [Fact]
    public void The_list_shows_place_and_age_and_leaves_the_silent_out()
    {
        using var rig = new Rig(ports: 2);
        var fdb = rig.Bridge().Fdb;
        fdb.Learn(Mac(1), 1, Now);
        fdb.Learn(Mac(2), 2, Now + TimeSpan.FromSeconds(100));
        Assert.Equal([new(new(Mac(1)), 1, 110), new(new(Mac(2)), 2, 10)],
            Entries(fdb, Now + TimeSpan.FromSeconds(110)).OrderBy(entry => entry.Slot));
        Assert.Equal(new FdbEntry(new(Mac(2)), 2, 250), Assert.Single(Entries(fdb, Now + TimeSpan.FromSeconds(350))));
    }

    [Fact]
    public void Forged_sources_cost_no_managed_memory()
    {
        using var rig = new Rig(ports: 2);
        var fdb = rig.Bridge().Fdb;
        Learn(0, 1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Learn(1000, 200_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Learn(uint from, uint to)
        {
            for (var i = from; i < to; i++)
                fdb.Learn(Mac(i + 1), (ushort)(1 + i % 2), Now);
        }
    }

    private static List<FdbEntry> Entries(Fdb fdb, Instant? now = null)
    {
        var entries = new List<FdbEntry>();
        fdb.CopyTo(entries, now ?? Now);
        return entries;
    }
}
