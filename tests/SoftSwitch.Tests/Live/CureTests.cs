using SoftSwitch.Tests.Cli;

namespace SoftSwitch.Tests.Live;

/// <summary>What can't be done says what to do first, as a command to copy: somebody reads it at night.</summary>
public sealed class CureTests
{
    private const string Web = """
        networks:
          out: { mode: nat, subnet: 10.10.0.0/24, forwards: [{ from: tcp/80, to: "web:8080" }, { from: tcp/81, on: 192.0.2.1, to: web }] }
          lab: { mode: internal }
        ports:
          web: { network: out, kind: guest }
        """;

    [Theory]
    [InlineData("DELETE", "v1/ports/web", null, "nobody is called 'web': write the name of a port of network 'out', or an address")]
    [InlineData("PATCH", "v1/ports/web", """{"network":"lab"}""",
        "port 'web' is on network 'lab', not on 'out': a forward leads into its own network")]
    public async Task A_forward_that_needs_the_port_is_named_with_the_command_that_removes_it(
        string method, string path, string? body, string mistake)
    {
        await using var live = await LiveFixture.Start(Web);
        var (_, problem, _) = await live.Ask(method, path, body, ifMatch: body is null ? null : "*");
        Assert.Equal(
            [
                $"forward out tcp/80 stands in the way ({live.File}:2:74: {mistake}): remove it first: "
                    + "softswitch forward remove tcp/80 --network out",
                $"forward out tcp/81 192.0.2.1 stands in the way ({live.File}:2:123: {mistake}): remove it first: "
                    + "softswitch forward remove tcp/81 --network out --on 192.0.2.1",
            ],
            problem!["errors"]!.AsArray().Select(error => (string)error!));
    }

    [Fact]
    public async Task What_a_reload_leaves_behind_says_how_to_drop_it()
    {
        await using var live = await LiveFixture.Start(Web);
        await live.Ask("POST", "v1/forwards", """{"network":"out","from":"udp/53","to":"web"}""");
        await live.Ask("PATCH", "v1/networks/out", """{"flows":5000}""", ifMatch: "*");
        live.Write("networks: { out: { mode: internal } }\nports: { web: { network: out, kind: guest } }");
        var (_, problem, _) = await live.Ask("POST", "v1/reload");
        Assert.Equal(
            [
                "run-time forward out udp/53: key 'forwards' is not for mode internal, only for nat: leave it out; or remove it first: "
                    + "softswitch forward remove udp/53 --network out",
                "run-time network out: key 'flows' is not for mode internal, only for nat: leave it out; or change it first: "
                    + "softswitch network set out",
            ],
            problem!["errors"]!.AsArray().Select(error => (string)error!));
    }

    [Theory]
    [InlineData("port", "set", "vm1", "--unset", "mt", "port: there is no key 'mt' to leave out: did you mean 'mtu'?")]
    [InlineData("port", "remove", "vm[2-1]", "'vm[2-1]' is not a range of names: write the lower number first, such as vm[1-50]")]
    [InlineData("port", "down", "dev.out",
        "'dev.out' is not yours to change: it is made for network 'dev', and changes with that: softswitch network set dev")]
    [InlineData("port", "remove", "ci[1-50]", "there is no port 'ci1', 'ci2', 'ci3', 'ci4', 'ci5', 'ci6', 'ci7', 'ci8', 'ci9', 'ci10' and "
        + "40 more: there is vm1, vm2")]
    [InlineData("port", "remove", "vm1,vm3", "there is no port 'vm3': did you mean 'vm1'?")]
    [InlineData("forward", "add", "tcp/80", "vm1:80", "--network", "deb",
        "run-time forward deb tcp/80: there is no network 'deb': did you mean 'dev'?")]
    [InlineData("connect", "--pid", "abc", "--network", "dev", "--pid takes a whole number, not 'abc' (see: softswitch connect --help)")]
    [InlineData("connect", "--pid", "1", "--network is missing: write --network dev or lab (see: softswitch connect --help)")]
    [InlineData("forward", "remove", "tcp/80", "--network is missing: write --network dev or lab (see: softswitch forward remove --help)")]
    public async Task A_command_that_fails_says_what_to_write(params string[] wordsAndMessage)
    {
        await using var live = await LiveFixture.Start();
        var run = await live.Run(wordsAndMessage[..^1]);
        Assert.Equal(2, run.Status);
        Assert.Contains($"{wordsAndMessage[^1]}\n", run.Error);
        Assert.True(run.Error.Split('\n').Length <= 3, run.Error);
    }

    /// <summary>Completion knows what runs, and of that what can be changed.</summary>
    [Theory]
    [InlineData("port remove w", "web")]
    [InlineData("forward add tcp/82 w", "web")]
    [InlineData("network set l", "lab")]
    [InlineData("connect --network ", "lab out")]
    public async Task The_shell_is_told_names_that_run(string words, string told)
    {
        await using var live = await LiveFixture.Start(Web);
        var line = $"softswitch --socket {live.Api.Path} {words}";
        var run = await CommandRun.Of($"[suggest:{line.Length}]", line);
        Assert.Equal(told, string.Join(' ', run.Output.Split('\n').Where(word => word.Length > 0 && !word.StartsWith('-'))));
    }

    [Fact]
    public async Task A_time_that_is_set_is_told_with_what_goes_then()
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("POST", "v1/ports", """{"name":"ci1","network":"dev","kind":"guest","comment":"x"}""");
        Assert.Equal("~ port ci1: goes at 2026-11-27T12:10:00Z\n",
            (await live.Run("port", "set", "ci1", "--comment", "x", "--ttl", "10m")).Output);
        Assert.Equal("~ port vm1: comment: left out → y\n~ port vm1: is as in the file again at 2026-11-27T12:10:00Z\n",
            (await live.Run("port", "set", "vm1", "--comment", "y", "--ttl", "10m")).Output);
    }

    [Fact]
    public async Task What_is_made_again_as_the_file_has_it_is_the_file_s()
    {
        await using var live = await LiveFixture.Start(Web);
        Assert.Equal(200, (await live.Ask("DELETE", "v1/forwards?network=out&from=tcp/80")).Status);
        Assert.Equal(201, (await live.Ask("POST", "v1/forwards", """{"network":"out","from":"tcp/80","to":"web:8080"}""")).Status);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/ports/web", """{"comment":"x"}""", ifMatch: "*")).Status);
        Assert.Equal(200, (await live.Ask("PATCH", "v1/ports/web", """{"comment":null}""", ifMatch: "*")).Status);
        Assert.Equal(0, live.Config.Layer.Count);
    }

    [Fact]
    public async Task A_file_that_is_saved_elsewhere_is_told()
    {
        await using var live = await LiveFixture.Start();
        await live.Ask("POST", "v1/ports", """{"name":"ci1","network":"dev","kind":"guest"}""");
        var run = await live.Run("config", "save", $"{live.File}.new");
        Assert.Equal($"{live.File}.new is written; if that is the switch's own file, have it read: softswitch reload\n", run.Output);
        Assert.Contains("ci1", await File.ReadAllTextAsync($"{live.File}.new", TestContext.Current.CancellationToken));
    }

    /// <summary>`run switch.yaml` in its folder is what everybody writes.</summary>
    [Fact]
    public async Task A_file_that_was_named_by_a_relative_path_is_saved()
    {
        await using var live = await LiveFixture.Start();
        await live.Restart(name: Path.GetRelativePath(Environment.CurrentDirectory, live.File));
        await live.Ask("POST", "v1/ports", """{"name":"ci1","network":"dev","kind":"guest"}""");
        Assert.Equal(200, (await live.Ask("POST", "v1/config/save")).Status);
        Assert.Contains("ci1", await File.ReadAllTextAsync(live.File, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_can_t_be_read_any_more_is_not_called_another_one()
    {
        await using var live = await LiveFixture.Start();
        File.Delete(live.File);
        var (status, problem, _) = await live.Ask("POST", "v1/config/save");
        Assert.Equal(409, status);
        Assert.StartsWith($"{live.File}: no such file", (string?)problem!["errors"]![0]);
    }
}
