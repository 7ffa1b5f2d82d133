using SoftSwitch.Forwarding.Budgets;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.State;

/// <summary>Routers that have an IPv6 address only have numbers, of which there are some.</summary>
public sealed class Ipv6HopsTests
{
    /// <summary>Interfaces come and go for years, with a router behind each.</summary>
    [Fact]
    public void Who_has_led_nowhere_for_long_gives_its_number_to_another()
    {
        using var hops = new Ipv6Hops(new NumberedHops(), static (_, _) => { });
        var minute = 60_000L;
        for (var router = 0; router < Limits.NumberedHops.Most; router++)
            hops.Look(int.MaxValue, Router(router), new(minute + router), out _);
        // None has answered: that is found out a moment later.
        Assert.Null(hops.Look(int.MaxValue, Router(5_000), new(2 * minute), out var isBeingFound));
        Assert.False(isBeingFound);
        var first = hops.Look(int.MaxValue, Router(0), new(9 * minute), out _);
        var second = hops.Look(int.MaxValue, Router(1), new(2 * minute), out _);
        Assert.NotNull(first);
        Assert.Null(hops.Look(int.MaxValue, Router(5_000), new(11 * minute), out isBeingFound));
        Assert.False(isBeingFound);
        // The first two were looked for not long ago; of the others the third is the oldest.
        Assert.Null(hops.Look(int.MaxValue, Router(5_000), new(12 * minute - 1), out isBeingFound));
        Assert.True(isBeingFound);
        var third = hops.Look(int.MaxValue, Router(5_000), new(12 * minute + 5_000), out _);
        Assert.NotNull(third);
        Assert.NotEqual(first, third);
        Assert.NotEqual(second, third);
    }

    private static Ipv6Address Router(int number) => Ipv6Address.Parse($"fe80::{number + 1:x}");
}
