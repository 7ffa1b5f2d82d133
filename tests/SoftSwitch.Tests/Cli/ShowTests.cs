using System.Text.Json.Nodes;
using SoftSwitch.Tests.Api;

namespace SoftSwitch.Tests.Cli;

public class ShowTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ports_are_a_table_with_units_and_the_reason_of_a_failed_one()
    {
        Assert.Equal(
            """
            NAME  NETWORK  KIND   STATE    MAC                 MTU  IN FRAMES  IN BYTES  OUT FRAMES  OUT BYTES  DROPS  REASON
            box1  quiet    tap    failed   -                  9000          0       0 B           0        0 B      0  no namespace box1
            vm1   dev      guest  up       52:54:00:00:00:01  1500         10   1.50 kB          20    2.00 MB      1
            vm2   dev      guest  waiting  52:54:00:00:00:02  1500          0       0 B           1       60 B      2

            """, await Shown("ports"));
    }

    [Fact]
    public async Task Networks_are_a_table()
    {
        Assert.Equal(
            """
            NAME   MODE       MTU  AGEING  PORTS  STATIONS
            dev    internal  1500      5m      2         3
            quiet  internal  1500      5m      1         0

            """, await Shown("networks"));
    }

    [Fact]
    public async Task Drops_come_with_their_sentence()
    {
        Assert.Equal(
            """
            PORT  WAY  REASON     COUNT  HELP
            vm1   in   malformed      1  The frame isn't one.
            vm2   out  too-long       2  The frame is longer than the MTU of the port it should leave by.

            """, await Shown("drops"));
    }

    [Fact]
    public async Task A_filter_is_passed_on()
    {
        Assert.Equal(
            """
            NETWORK  MAC                PORT  AGE  KIND
            dev      02:00:00:00:00:02  vm2    7s  dynamic

            """, await Shown("fdb", "--port", "vm2"));
    }

    [Fact]
    public async Task A_list_of_many_pages_is_shown_whole()
    {
        await using var api = await ApiFixture.Start(new SampleSwitch { Stations = 20_001 });
        var table = await CommandRun.Of("show", "fdb", "--socket", api.Path);
        Assert.Equal(20_002, table.Output.Count(letter => letter == '\n'));
        var json = await CommandRun.Of("show", "fdb", "--json", "--socket", api.Path);
        var items = JsonNode.Parse(json.Output)!["items"]!.AsArray();
        Assert.Equal(20_001, items.Select(item => (string)item!["mac"]!).Distinct().Count());
    }

    [Theory]
    [InlineData("ports")]
    [InlineData("networks")]
    [InlineData("drops")]
    [InlineData("fdb")]
    [InlineData("config")]
    public async Task Json_is_what_the_API_answers(string what)
    {
        await using var api = await ApiFixture.Start();
        var run = await CommandRun.Of("show", what, "--json", "--socket", api.Path);
        var answer = await api.Http.GetStringAsync($"v1/{what}", Cancel);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(answer), JsonNode.Parse(run.Output)));
        Assert.Equal(0, run.Status);
    }

    [Fact]
    public async Task An_empty_list_is_explained_beside_the_output()
    {
        await using var api = await ApiFixture.Start(new SampleSwitch { Stations = 0 });
        Assert.Equal(new(0, "", "no stations heard yet\n"), await CommandRun.Of("show", "fdb", "--socket", api.Path));
    }

    [Fact]
    public async Task A_filter_that_names_nothing_is_a_mistake()
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal(new(2, "", "softswitch: there is no port 'vm9'\n"), await CommandRun.Of("show", "fdb", "--port", "vm9", "--socket", api.Path));
    }

    [Fact]
    public async Task The_shell_is_told_the_ports_of_the_running_switch()
    {
        await using var api = await ApiFixture.Start();
        var line = $"softswitch --socket {api.Path} attach v";
        var run = await CommandRun.Of($"[suggest:{line.Length}]", line);
        Assert.Equal("vm1\nvm2\n", run.Output);
    }

    private static async Task<string> Shown(params string[] words)
    {
        await using var api = await ApiFixture.Start();
        var run = await CommandRun.Of(["show", .. words, "--socket", api.Path]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Status);
        return run.Output;
    }
}
