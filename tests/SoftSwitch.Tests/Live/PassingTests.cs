using SoftSwitch.State.Changes;

namespace SoftSwitch.Tests.Live;

/// <summary>What was made at run time and goes by itself: after a while, or with the process that it was made for.</summary>
public sealed class PassingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    /// <summary>Catches a time that stays where it is said that none holds, and a command that takes that for nothing to do.</summary>
    [Fact]
    public async Task What_was_made_for_a_while_can_be_had_for_good()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=10m", """{"name":"vm9","network":"dev","kind":"guest"}""")).Status);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/ports/vm1?ttl=10m", """{"comment":"for now"}""", ifMatch: "*")).Status);
        var run = await live.Run("port", "set", "vm9", "vm1", "--ttl", "none");
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Contains("port vm9: stays", run.Output);
        Assert.Null((await live.Ask("GET", "v1/ports/vm9")).Answer!["expires"]);
        live.Time.Now = live.Time.Now.AddMinutes(11);
        Assert.Null(live.Config.Expire(s_patience));
        Assert.Equal(["vm1", "vm2", "vm9"], live.Ports);
        Assert.Equal("for now", live.Switch.Model.Ports[0].Comment);
        Assert.Equal(400, (await live.Ask("PATCH", "v1/ports/vm9?ttl=never", "{}", ifMatch: "*")).Status);
    }

    /// <summary>Catches a port that is tried again for ever after its container has gone.</summary>
    [Fact]
    public async Task A_port_goes_when_its_process_has_ended()
    {
        await using var live = await LiveFixture.Start();
        using var child = System.Diagnostics.Process.Start("sleep", "60");
        Assert.Equal(201, (await live.Ask("POST", "v1/ports",
            $$"""{"name":"box","network":"dev","kind":"tap","netns":{{child.Id}},"interface":"eth0"}""")).Status);
        Assert.True(live.Config.Expire(s_patience) < live.Time.Now + s_patience);
        Assert.Contains("box", live.Ports);
        child.Kill();
        child.WaitForExit();
        // As long as it can't go, it is tried with patience.
        live.Switch.Obstacles = static _ => ["an obstacle"];
        Assert.Equal(live.Time.Now + s_patience, live.Config.Expire(s_patience));
        live.Switch.Obstacles = static _ => [];
        Assert.Null(live.Config.Expire(s_patience));
        Assert.Equal(["vm1", "vm2"], live.Ports);
    }

    /// <summary>Catches a mark that comes behind the port: who follows events hears that it came, and then that it is another.</summary>
    [Fact]
    public async Task What_comes_is_shown_as_made_at_run_time_from_its_first_moment()
    {
        await using var live = await LiveFixture.Start();
        List<(string? Origin, DateTimeOffset? Expires)> seen = [];
        live.Switch.Obstacles = _ =>
        {
            var origin = live.Config.Seen(live.Switch.Look()).RunTime.OfPort("vm9");
            seen.Add((origin?.Is, origin?.Expires));
            return [];
        };
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=10m", """{"name":"vm9","network":"dev","kind":"guest"}""")).Status);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/vm9")).Status);
        // Until it has gone it is what it was.
        Assert.Equal([("added", live.Time.Now.AddMinutes(10)), ("added", live.Time.Now.AddMinutes(10))], seen);
        live.Switch.Obstacles = static _ => throw new ChangeRefusedException(["an obstacle"]);
        await live.Ask("POST", "v1/ports", """{"name":"vm9","network":"dev","kind":"guest"}""");
        Assert.Null(live.Config.Seen(live.Switch.Look()).RunTime.OfPort("vm9"));
    }
}
