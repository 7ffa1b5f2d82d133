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
}
