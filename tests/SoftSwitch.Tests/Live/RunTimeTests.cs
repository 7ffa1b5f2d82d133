using SoftSwitch.Config;
using SoftSwitch.Model;
using SoftSwitch.State.Changes;

namespace SoftSwitch.Tests.Live;

/// <summary>What is made at run time: it runs with the file, survives a reload and a restart, and goes when it is to.</summary>
public sealed class RunTimeTests
{
    private const string Vm9 = """{"name":"vm9","network":"dev","kind":"guest","flood-limit":500}""";

    [Fact]
    public async Task A_port_that_is_added_runs_until_it_is_removed_over_reload_and_restart()
    {
        await using var live = await LiveFixture.Start();
        var (status, answer, response) = await live.Ask("POST", "v1/ports", Vm9);
        Assert.Equal((201, "/v1/ports/vm9"), (status, response.Headers.Location!.ToString()));
        Assert.Equal("+ port vm9 (guest in network dev)", (string?)answer!["changes"]![0]);
        Assert.Null(answer["notes"]);
        Assert.Equal(500, live.Switch.Model.Ports.Single(port => port.Name == "vm9").FloodLimit);
        Assert.Equal("run-time", (string?)(await live.Ask("GET", "v1/ports/vm9")).Answer!["origin"]);
        Assert.Null((await live.Ask("GET", "v1/ports/vm1")).Answer!["origin"]);

        live.Write(LiveFixture.TwoGuests + "\n  vm3: { network: lab, kind: guest }\n");
        Assert.Equal(200, (await live.Ask("POST", "v1/reload")).Status);
        Assert.Equal(["vm1", "vm2", "vm3", "vm9"], live.Ports);

        await live.Restart();
        Assert.Equal(["vm1", "vm2", "vm3", "vm9"], live.Ports);
        Assert.Empty(live.Told);

        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/vm9")).Status);
        await live.Restart();
        Assert.Equal(["vm1", "vm2", "vm3"], live.Ports);
        Assert.Empty((await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray());
    }

    [Fact]
    public async Task A_half_written_file_does_not_run_by_somebody_else_s_command()
    {
        await using var live = await LiveFixture.Start();
        live.Write("networks: { dev: { mode: internal } }\nports: { vm7: { network: dev, kind: guest } }");
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9)).Status);
        Assert.Equal(["vm1", "vm2", "vm9"], live.Ports);
    }

    [Fact]
    public async Task What_the_file_has_can_be_changed_and_left_out_and_comes_back()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(200, (await live.Ask("PATCH", "v1/ports/vm2", """{"comment":null,"admin":"down"}""", ifMatch: "*")).Status);
        Assert.Equal((null, AdminState.Down), live.Switch.Model.Ports.Where(port => port.Name == "vm2")
            .Select(port => (port.Comment, port.Admin)).Single());
        Assert.Equal("changed", (string?)(await live.Ask("GET", "v1/ports/vm2")).Answer!["origin"]);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/vm1")).Status);
        Assert.Equal(404, (await live.Ask("DELETE", "v1/ports/vm1")).Status);
        await live.Restart();
        Assert.Equal(["vm2"], live.Ports);
        Assert.Equal(AdminState.Down, live.Switch.Model.Ports[0].Admin);
        // Another of that name stands in its place, and stays over a restart.
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", """{"name":"vm1","network":"lab","kind":"guest"}""")).Status);
        await live.Restart();
        Assert.Equal("lab", live.Switch.Model.Ports.Single(port => port.Name == "vm1").Network);
        var items = (await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray();
        Assert.Equal(["replaced", "changed"], items.Select(item => (string)item!["is"]!));
        // What isn't in the file any more can't be changed there either.
        live.Write("networks: { dev: { mode: internal }, lab: { mode: internal } }\nports: { vm1: { network: dev, kind: guest } }");
        Assert.Equal(200, (await live.Ask("POST", "v1/reload")).Status);
        Assert.Single((await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray());
    }

    [Fact]
    public async Task Several_come_and_go_at_once_or_none()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", """{"name":"ci[08-11],box","network":"dev","kind":"guest"}""")).Status);
        Assert.Equal(["vm1", "vm2", "box", "ci08", "ci09", "ci10", "ci11"], live.Ports);
        Assert.Equal(404, (await live.Ask("DELETE", "v1/ports/ci08,ci12")).Status);
        Assert.Equal(7, live.Ports.Count());
        Assert.Equal(409, (await live.Ask("POST", "v1/ports", """{"name":"a,vm1","network":"dev","kind":"guest"}""")).Status);
        Assert.Equal(7, live.Ports.Count());
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/ci%5B08-11%5D")).Status);
        Assert.Equal(["vm1", "vm2", "box"], live.Ports);
    }

    [Fact]
    public async Task What_was_made_for_a_while_goes_by_itself_also_while_nobody_runs()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=10m", Vm9)).Status);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/vm1?ttl=20m")).Status);
        Assert.Equal("2026-11-27T12:10:00+00:00", (string?)(await live.Ask("GET", "v1/ports/vm9")).Answer!["expires"]);
        Assert.Equal(live.Time.Now.AddMinutes(10), live.Config.Expire(TimeSpan.FromMinutes(1)));
        live.Time.Now = live.Time.Now.AddMinutes(10);
        Assert.Equal(live.Time.Now.AddMinutes(10), live.Config.Expire(TimeSpan.FromMinutes(1)));
        Assert.Equal(["vm2"], live.Ports);
        live.Time.Now = live.Time.Now.AddMinutes(11);
        await live.Restart();
        Assert.Equal(["vm1", "vm2"], live.Ports);
    }

    [Fact]
    public async Task What_can_not_go_when_its_time_is_over_stays_and_is_in_nobodys_way()
    {
        await using var live = await LiveFixture.Start();
        var begin = live.Time.Now;
        Assert.Equal(201, (await live.Ask("POST", "v1/networks?ttl=10m", """{"name":"ci","mode":"internal"}""")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=10m", """{"name":"job[1-5]","network":"dev","kind":"guest"}""")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", """{"name":"for-good","network":"ci","kind":"guest"}""")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=11m", """{"name":"job6","network":"dev","kind":"guest"}""")).Status);
        live.Time.Now = begin.AddMinutes(10.5);
        Assert.Equal(begin.AddMinutes(11), live.Config.Expire(TimeSpan.FromMinutes(1)));
        Assert.Equal(["vm1", "vm2", "for-good", "job6"], live.Ports);
        Assert.Equal(live.Time.Now.AddSeconds(20), live.Config.Expire(TimeSpan.FromSeconds(20)));
        // Others go on with their work.
        Assert.Equal(200, (await live.Ask("POST", "v1/reload")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9)).Status);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/for-good")).Status);
        live.Config.Expire(TimeSpan.FromMinutes(1));
        Assert.DoesNotContain(live.Switch.Model.Networks, network => network.Name == "ci");
    }

    [Fact]
    public async Task What_is_saved_in_the_moment_when_its_time_is_over_goes_all_the_same()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=10m", Vm9)).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9.Replace("vm9", "vm8"))).Status);
        live.Time.Now = live.Time.Now.AddMinutes(10);
        Assert.Equal(200, (await live.Ask("POST", "v1/config/save")).Status);
        Assert.Null(live.Config.Expire(TimeSpan.FromMinutes(1)));
        Assert.Equal(["vm1", "vm2", "vm8"], live.Ports);
    }

    [Fact]
    public async Task What_collides_with_the_file_is_told_by_a_reload_and_left_out_by_a_start()
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("POST", "v1/ports", Vm9);
        await live.Ask("POST", "v1/ports", """{"name":"vm8","network":"lab","kind":"guest"}""");
        live.Write(LiveFixture.TwoGuests.Replace("vm2:", "vm9:").Replace("  lab: { mode: internal }\n", ""));
        var (status, problem, _) = await live.Ask("POST", "v1/reload");
        Assert.Equal(422, status);
        string[] wrong =
        [
            "run-time port vm8: there is no network 'lab': declare it under 'networks'",
            "run-time port vm9: the file has a port of that name, too, at 6:3: rename that one, or drop this one: "
                + "softswitch port remove vm9",
        ];
        Assert.Equal([wrong[0] + "; or remove it first: softswitch port remove vm8", wrong[1]],
            problem!["errors"]!.AsArray().Select(error => (string)error!));
        Assert.Equal(4, live.Ports.Count());
        await live.Restart();
        Assert.Equal(["vm1", "vm9"], live.Ports);
        Assert.Equal(wrong, live.Told);
    }

    [Fact]
    public async Task A_broken_memory_is_set_aside_and_nothing_else_is_lost()
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("POST", "v1/ports", Vm9);
        await live.Restart();
        var kept = Directory.GetFiles(live.State).Single();
        foreach (var broken in (string[])["", "{", "[]", """{"version":2}""", """{"version":1}""",
            """{"version":1,"networks":{},"ports":{"vm9":{"is":"added","keys":[]}},"forwards":{}}""",
            """{"version":1,"networks":{},"ports":{"../x":{"is":"added","keys":{}}},"forwards":{}}"""])
        {
            await File.WriteAllTextAsync(kept, broken, TestContext.Current.CancellationToken);
            await live.Restart();
            Assert.Equal(["vm1", "vm2"], live.Ports);
            Assert.StartsWith("what was made at run time before doesn't run: ", Assert.Single(live.Told));
            Assert.Equal(broken, await File.ReadAllTextAsync(kept + ".aside", TestContext.Current.CancellationToken));
            await File.WriteAllTextAsync(kept, "", TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Without_a_folder_the_answer_says_that_a_restart_forgets()
    {
        await using var live = await LiveFixture.Start(keeps: false);
        var run = await live.Run("port", "add", "vm9", "--network", "dev", "--kind", "guest");
        Assert.Equal((0, "+ port vm9 (guest in network dev)\n"), (run.Status, run.Output));
        Assert.StartsWith("softswitch: a restart forgets it: ", run.Error);
    }

    [Fact]
    public async Task What_can_t_be_applied_changes_nothing_and_is_not_kept()
    {
        await using var live = await LiveFixture.Start();
        live.Switch.Obstacles = _ => ["port vm9: no", "network x: neither"];
        var (status, problem, _) = await live.Ask("POST", "v1/ports", Vm9);
        Assert.Equal(409, status);
        Assert.Equal(["port vm9: no", "network x: neither"], problem!["errors"]!.AsArray().Select(error => (string)error!));
        Assert.Equal(409, (await live.Ask("POST", "v1/ports?dry-run=true", Vm9)).Status);
        live.Switch.Obstacles = _ => [];
        Assert.Equal(200, (await live.Ask("POST", "v1/ports?dry-run=true", Vm9)).Status);
        await live.Restart();
        Assert.Equal(["vm1", "vm2"], live.Ports);
    }

    [Fact]
    public async Task Networks_and_forwards_come_and_go_as_ports_do()
    {
        await using var live = await LiveFixture.Start("""
            networks:
              out: { mode: nat, subnet: 10.10.0.0/24, forwards: [{ from: tcp/80, to: "web:8080" }] }
            ports:
              web: { network: out, kind: guest }
            """);
        Assert.Equal(201, (await live.Ask("POST", "v1/networks", """{"name":"lab","mode":"internal"}""")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/forwards", """{"network":"out","from":"tcp/2222","to":"web:22"}""")).Status);
        Assert.Equal(409, (await live.Ask("POST", "v1/forwards", """{"network":"out","from":"tcp/2222","to":"web:23"}""")).Status);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/forwards?network=out&from=tcp/80")).Status);
        await live.Restart();
        Assert.Equal(["tcp/2222"], live.Switch.Model.Networks[0].Nat!.Forwards.Select(forward => $"{forward.From}"));
        var (status, problem, _) = await live.Ask("DELETE", "v1/ports/web");
        Assert.Equal(
            (409, "forward out tcp/2222 stands in the way (nobody is called 'web': write the name of a port of network 'out', or an "
                + "address): remove it first: softswitch forward remove tcp/2222 --network out"),
            (status, (string?)problem!["errors"]![0]));
        Assert.Equal(200, (await live.Ask("DELETE", "v1/networks/lab")).Status);
        (status, problem, _) = await live.Ask("DELETE", "v1/networks/out");
        Assert.Equal((409, "network out has port web: remove it first, or move it: softswitch port set web --network OTHER"),
            (status, (string?)problem!["errors"]![0]));
        Assert.Equal(200, (await live.Ask("DELETE", "v1/forwards?network=out&from=tcp/2222")).Status);
        Assert.Equal(404, (await live.Ask("DELETE", "v1/forwards?network=out&from=tcp/2222")).Status);
        Assert.Empty(live.Switch.Model.Networks[0].Nat!.Forwards);
    }

    /// <summary>RFC 7396, 2: a map in a patch is a patch of that map.</summary>
    [Theory]
    [InlineData("""{"dhcp":{"lease":"2h"}}""", "range: 10.10.0.50-10.10.0.60, lease: 7200s, routes: { 10.1.0.0/16: 10.10.0.2 }")]
    [InlineData("""{"dhcp":{"lease":null}}""", "range: 10.10.0.50-10.10.0.60, routes: { 10.1.0.0/16: 10.10.0.2 }")]
    [InlineData("""{"dhcp":{"lease":null,"routes":{"10.1.0.0/16":null,"10.2.0.0/16":"10.10.0.2"}}}""",
        "range: 10.10.0.50-10.10.0.60, routes: { 10.2.0.0/16: 10.10.0.2 }")]
    [InlineData("""{"dhcp":"off"}""", null)]
    public async Task What_is_set_in_a_map_leaves_the_rest_of_the_map(string patch, string? dhcp)
    {
        await using var live = await LiveFixture.Start("""
            networks:
              out:
                mode: nat
                subnet: 10.10.0.0/24
                dhcp: { range: 10.10.0.50-10.10.0.60, lease: 1h, routes: { 10.1.0.0/16: 10.10.0.2 } }
            """);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/networks/out", """{"comment":"x"}""", ifMatch: "*")).Status);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/networks/out", patch, ifMatch: "*")).Status);
        var expected = ConfigDocument.Of("", $"networks: {{ out: {{ mode: nat, subnet: 10.10.0.0/24, comment: x, dhcp: "
            + $"{(dhcp is null ? "off" : $"{{ {dhcp} }}")} }} }}").Compile(null).Model!;
        Assert.Empty(ModelDifference.Between(expected, live.Switch.Model).Networks.Changed);
        await live.Restart();
        Assert.Empty(ModelDifference.Between(expected, live.Switch.Model).Networks.Changed);
        Assert.Equal(200, (await live.Ask("POST", "v1/config/save")).Status);
        Assert.Empty(ModelDifference.Between(expected, ConfigDocument.Load(live.File).Compile(null).Model!).Networks.Changed);
    }

    [Fact]
    public async Task A_reload_with_a_file_of_the_client_s_runs_that()
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("POST", "v1/ports", Vm9);
        var (status, answer, _) = await live.Ask("POST", "v1/reload?name=other.yaml",
            "networks: { dev: { mode: internal } }", "application/yaml");
        Assert.Equal(200, status);
        Assert.Contains("read", (string?)answer!["notes"]![0]);
        Assert.Equal(["vm9"], live.Ports);
        (status, answer, _) = await live.Ask("POST", "v1/reload?name=other.yaml", "networks: { dev: { mode: x } }", "application/yaml");
        Assert.Equal(422, status);
        Assert.StartsWith("other.yaml:1:26: ", (string?)answer!["errors"]![0]);
        Assert.Equal(200, (await live.Ask("POST", "v1/reload")).Status);
        Assert.Equal(["vm1", "vm2", "vm9"], live.Ports);
    }

    [Fact]
    public async Task A_pid_that_means_another_process_by_now_plugs_nobody_in()
    {
        await using var live = await LiveFixture.Start();
        using var child = System.Diagnostics.Process.Start("sleep", "60");
        var name = $"pid-{child.Id}";
        Assert.Equal(201, (await live.Ask("POST", "v1/ports",
            $$"""{"name":"{{name}}","network":"dev","kind":"tap","netns":{{child.Id}},"interface":"eth0"}""")).Status);
        await live.Restart();
        Assert.Contains(name, live.Ports);
        child.Kill();
        child.WaitForExit();
        await live.Restart();
        Assert.DoesNotContain(name, live.Ports);
        Assert.Equal($"port {name}: its process has ended", Assert.Single(live.Told));
    }
}
