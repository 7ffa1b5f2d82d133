using SoftSwitch.Config;

namespace SoftSwitch.Tests.Live;

/// <summary>What was made at run time is written into the file, and nothing else of the file is another.</summary>
public sealed class SaveTests
{
    private const string Vm9 = """{"name":"vm9","network":"dev","kind":"guest","flood-limit":500}""";

    [Fact]
    public async Task What_was_made_changed_and_removed_is_in_the_file_with_all_comments()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9)).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/networks", """{"name":"ci","mode":"internal"}""")).Status);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/ports/vm2", """{"comment":null,"admin":"down"}""", ifMatch: "*")).Status);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/ports/vm1")).Status);

        var dry = await live.Run("config", "save", "--dry-run");
        Assert.Equal((0, $$"""
            ~ {{live.File}}
            +   ci: { mode: internal }
            -   vm1: { network: dev, kind: guest }
            -   vm2: { network: dev, kind: guest, comment: "second" }
            +   vm2: { network: dev, kind: guest, admin: down }
            +   vm9: { network: dev, kind: guest, flood-limit: 500 }

            """), (dry.Status, dry.Output));
        var before = File.ReadAllText(live.File);
        var printed = await live.Run("config", "save", "-");
        Assert.Equal((0, before), (printed.Status, File.ReadAllText(live.File)));

        var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(live.File, mode);
        Assert.Equal((0, dry.Output), await Saved(live));
        Assert.Equal(mode, File.GetUnixFileMode(live.File));
        Assert.Equal($$"""
            # The two of the lab
            networks:
              dev: { mode: internal }   # for developers
              lab: { mode: internal }
              ci: { mode: internal }
            ports:
              vm2: { network: dev, kind: guest, admin: down }
              vm9: { network: dev, kind: guest, flood-limit: 500 }
            state: {{live.State}}

            """, File.ReadAllText(live.File));
        Assert.Equal(File.ReadAllText(live.File), printed.Output);
        Assert.Equal(["switch.yaml"], Directory.GetFiles(Path.GetDirectoryName(live.File)!).Select(Path.GetFileName));
        Assert.Empty((await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray());
        var reload = await live.Run("reload");
        Assert.Equal("nothing to change: the file says what runs\n", reload.Output);
        Assert.Equal((0, "nothing to write: the file says what runs\n"), await Saved(live));
        await live.Restart();
        Assert.Equal(["vm2", "vm9"], live.Ports);
    }

    [Fact]
    public async Task A_file_that_changed_since_or_cannot_be_written_stays_as_it_is()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9)).Status);
        var text = File.ReadAllText(live.File);
        File.AppendAllText(live.File, "# somebody works here\n");
        var refused = await live.Run("config", "save");
        Assert.Equal(1, refused.Status);
        Assert.Contains("it has changed since: reload it first: softswitch reload", refused.Error);
        Assert.Equal(text + "# somebody works here\n", File.ReadAllText(live.File));
        Assert.Equal(0, (await live.Run("reload")).Status);
        Assert.Equal(0, (await live.Run("config", "save")).Status);
        Assert.Contains("vm9", File.ReadAllText(live.File));
    }

    [Fact]
    public async Task What_holds_for_a_while_only_stays_out_and_goes()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports?ttl=10m", Vm9)).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9.Replace("vm9", "vm8"))).Status);
        var saved = await live.Run("config", "save");
        Assert.Equal((0, "softswitch: port vm9 stays out of the file: it holds for a while only\n"), (saved.Status, saved.Error));
        Assert.Contains("vm8", File.ReadAllText(live.File));
        Assert.DoesNotContain("vm9", File.ReadAllText(live.File));
        Assert.Equal(["vm1", "vm2", "vm8", "vm9"], live.Ports);
        live.Time.Now += TimeSpan.FromMinutes(11);
        live.Config.Expire(TimeSpan.FromSeconds(1));
        Assert.Equal(["vm1", "vm2", "vm8"], live.Ports);
    }

    [Fact]
    public async Task What_was_written_by_hand_is_run_time_no_more()
    {
        await using var live = await LiveFixture.Start();
        Assert.Equal(201, (await live.Ask("POST", "v1/ports", Vm9)).Status);
        var file = live.File + ".mine";
        Assert.Equal(0, (await live.Run("config", "save", file)).Status);
        Assert.Single((await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray());
        File.Move(file, live.File, overwrite: true);
        var reload = await live.Run("reload");
        Assert.Equal((0, "nothing to change: the file says what runs\n"), (reload.Status, reload.Output));
        Assert.Empty((await live.Ask("GET", "v1/run-time")).Answer!["items"]!.AsArray());
    }

    [Fact]
    public void Of_a_folder_each_goes_where_it_came_from()
    {
        var document = ConfigDocument.OfFolder("/etc/s",
        [
            new("/etc/s/a.yaml", "networks:\n  dev: { mode: internal }\nports:\n  vm1: { network: dev, kind: guest }  # one\n"),
            new("/etc/s/b.yaml", "# of b\nports:\n  vm2:\n    network: dev\n    kind: guest\n"),
        ]);
        var saved = SaveSamples.Saved(document,
            ("remove", "vm1", null), ("set", "vm2", """{"mtu":1400}"""), ("add", "vm3", """{"network":"dev","kind":"guest"}"""));
        Assert.Equal(
        [
            ("/etc/s/a.yaml", "networks:\n  dev: { mode: internal }\nports: {}\n"),
            ("/etc/s/b.yaml", "# of b\nports:\n  vm2:\n    network: dev\n    kind: guest\n    mtu: 1400\n"),
            ("/etc/s/softswitch-run-time.yaml", "# Made at run time; written by softswitch config save\n"
                + "ports:\n  vm3: { network: dev, kind: guest }\n"),
        ], saved!.Parts.Select(part => (part.Name, part.Text)));
    }

    [Fact]
    public void What_has_no_neat_place_is_told()
    {
        var document = ConfigDocument.Of("a.yaml",
            "networks:\n  ? dev\n  : { mode: internal }\n  ? lab\n  : { mode: internal }\nports: {}\n");
        Assert.Null(SaveSamples.Saved(document, out var obstacles, ("add", "vm3", """{"network":"dev","kind":"guest","admin":"x"}""")));
        Assert.Contains("port vm3: add { network: dev, kind: guest, admin: x }", obstacles);
    }

    private static async Task<(int Status, string Output)> Saved(LiveFixture live)
    {
        var run = await live.Run("config", "save");
        return (run.Status, run.Output);
    }
}
