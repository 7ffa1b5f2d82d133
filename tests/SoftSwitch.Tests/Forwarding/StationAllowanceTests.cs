using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;

namespace SoftSwitch.Tests.Forwarding;

public sealed class StationAllowanceTests
{
    [Fact]
    public void A_port_brings_a_burst_of_new_stations_and_then_so_many_a_second()
    {
        var allowance = new StationAllowance();
        Assert.Equal(StationAllowance.Burst, Taken(ref allowance, 100));
        Assert.Equal(StationAllowance.PerSecond, Taken(ref allowance, 101));
        Assert.Equal(0, Taken(ref allowance, 101));
        Assert.Equal(3 * StationAllowance.PerSecond, Taken(ref allowance, 104));
        Assert.Equal(StationAllowance.Burst, Taken(ref allowance, 100_000));
    }

    private static int Taken(ref StationAllowance allowance, long seconds)
    {
        var taken = 0;
        while (taken <= StationAllowance.Burst && allowance.Take(new Instant(seconds * 1000)))
            taken++;
        return taken;
    }
}
