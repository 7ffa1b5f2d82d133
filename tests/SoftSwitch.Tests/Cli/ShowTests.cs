using System.Text.Json;
using System.Text.Json.Nodes;
using SoftSwitch.Api;
using SoftSwitch.Api.Views;
using SoftSwitch.Cli.Tables;
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

    private const string NetworkTable = """
    NAME   MODE        MTU  AGEING  PORTS  STATIONS  SUBNET           GATEWAY       OUTSIDE            FLOWS  MAPPINGS  OVERLAPPED  REFUSED
    dev    internal   1500      5m      2         3  -                -             -                      -         -           -        -
    lab    host-only  1500      5m      0         0  192.168.56.0/24  192.168.56.1  ss-lab                 -         -           -        -
    out    nat        1500      5m      0         0  10.10.0.0/24     10.10.0.1     192.0.2.7 on eth0      4         2           1        5
    quiet  internal   1500      5m      1         0  -                -             -                      -         -           -        -

    """;

    [Fact]
    public async Task Networks_are_a_table()
    {
        Assert.Equal(NetworkTable, await Shown("networks"));
    }

    [Fact]
    public void Networks_without_addresses_have_no_columns_for_them()
    {
        Assert.Equal(
            """
            NAME  MODE      MTU  AGEING  PORTS  STATIONS
            lan   bridged  9000      5m      1         2

            """, Networks(new("lan", "bridged", 9000, 300, 1, 2, 0, 0, 0, 0, 0, 0)));
    }

    [Theory]
    [InlineData(null, null, "none")]
    [InlineData("wlan0", null, "no address on wlan0")]
    [InlineData("wlan0", "192.0.2.7", "192.0.2.7 on wlan0")]
    public void A_network_whose_outside_is_missing_says_what_is_missing(string? name, string? address, string shown)
    {
        var table = Networks(new("out", "nat", 1500, 300, 0, 0, 0, 0, 0, 0, 0, 0, "10.10.0.0/24", "10.10.0.1",
            Nat: new(name, address, "16384-29999", 0, 0, 0, 0, 0)));
        Assert.Contains($"  {shown}  ", table);
    }

    [Fact]
    public async Task Flows_are_a_table()
    {
        Assert.Equal(
            """
            NETWORK  PROTOCOL  INSIDE           OUTSIDE          REMOTE            STATE         AGE  IDLE
            out      tcp       10.10.0.6:40001  192.0.2.7:16385  198.51.100.9:443  established  1m5s    7s
            out      udp       10.10.0.6:40003  192.0.2.7:16387  198.51.100.9:443  active       1m5s    7s

            """, await Shown("flows", "--inside", "10.10.0.6", "--network", "out"));
    }

    [Fact]
    public async Task A_filter_that_finds_little_is_followed_through_empty_pages()
    {
        await using var api = await ApiFixture.Start(new SampleSwitch { FlowCount = 5_000 });
        var table = await CommandRun.Of("show", "flows", "--protocol", "udp", "--socket", api.Path);
        Assert.Equal(1 + 5, table.Output.Count(letter => letter == '\n'));
        var json = await CommandRun.Of("show", "flows", "--protocol", "udp", "--json", "--socket", api.Path);
        Assert.Equal(5, JsonNode.Parse(json.Output)!["items"]!.AsArray().Count);
    }

    [Fact]
    public async Task Neighbors_are_a_table()
    {
        Assert.Equal(
            """
            NETWORK  ADDRESS     NAME  MAC                PORT  STATE        AGE
            out      10.10.0.5   web   02:00:00:00:00:05  vm1   reachable   1m5s
            out      10.10.0.10  -     -                  -     incomplete    1s

            """, await Shown("neighbors"));
    }

    /// <summary>A word counts for all that is looked up: two networks have web, and a guest calls itself mail.</summary>
    [Fact]
    public async Task Names_are_a_table_and_a_file_of_hosts_with_single_words_where_the_file_alone_gives_them()
    {
        Assert.StartsWith(
            """
            NETWORK  NAME             ADDRESS        FULL               SOURCE
            dev      vm1              10.10.0.10     vm1.dev.internal   file

            """, await Shown("names"), StringComparison.Ordinal);
        Assert.Equal(
            """
            10.10.0.10      vm1.dev.internal vm1 web.dev.internal www.example.org
            10.10.0.11      mail.dev.internal
            192.168.56.10   web.lab.internal

            """, await Shown("leases", "--format", "hosts"));
    }

    [Fact]
    public async Task Forwards_are_a_table_in_the_order_of_their_ports_with_the_reason_of_one_that_waits()
    {
        const string Reason = "no address is known of the guest behind port web: it has not been heard";
        Assert.Equal(
            $"""
            NETWORK  FROM           TO          OUTSIDE              INSIDE                STATE    REASON
            out      tcp/2222       web:22      192.0.2.7:2222       10.10.0.10:22         active
            out      tcp/12222      web:22      192.0.2.7:12222      -                     waiting  {Reason}
            out      udp/5000-5010  10.10.0.20  192.0.2.7:5000-5010  10.10.0.20:5000-5010  active

            """, await Shown("forwards", "--network", "out"));
    }

    [Fact]
    public async Task Ways_out_are_a_table_that_says_why()
    {
        Assert.Equal(
            """
            NETWORK  INTERFACE  ADDRESS    STATE   FLOWS   AGE  WHY
            new      -          -          none        0     -  the host has no default route; name an interface, or wait for one
            out      eth0       192.0.2.7  closed      1    7s  the host does not have this address there now: the flows wait for it
            out      vpn        10.8.0.2   open        3  1m5s  rule 32764, table 51820

            """, await Shown("outside"));
    }

    [Fact]
    public async Task Without_a_list_networks_and_ports_stand_together_in_80_columns()
    {
        Assert.Equal(
            """
            NETWORK  MODE       SUBNET           OUTSIDE            PORTS  STATIONS  FLOWS
            dev      internal   -                -                      2         3      -
            lab      host-only  192.168.56.0/24  ss-lab                 0         0      -
            out      nat        10.10.0.0/24     192.0.2.7 on eth0      0         0      4
            quiet    internal   -                -                      1         0      -

            PORT  NETWORK  KIND   STATE    MAC                     IN      OUT  DROPS
            box1  quiet    tap    failed   -                      0 B      0 B      0
                no namespace box1
            vm1   dev      guest  up       52:54:00:00:00:01  1.50 kB  2.00 MB      1
            vm2   dev      guest  waiting  52:54:00:00:00:02      0 B     60 B      2

            """, await Shown());
    }

    [Fact]
    public async Task Both_are_told_to_scripts_as_the_API_has_them()
    {
        await using var api = await ApiFixture.Start();
        var run = JsonNode.Parse((await CommandRun.Of("show", "--json", "--socket", api.Path)).Output)!;
        foreach (var list in (string[])["networks", "ports"])
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await api.Http.GetStringAsync($"v1/{list}", Cancel)), run[list]));
        Assert.Equal(2, run.AsObject().Count);
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
    public async Task Stations_are_a_table()
    {
        Assert.Equal(
            """
            NETWORK  PORT  MAC                ADDRESSES  AGE
            dev      vm2   02:00:00:00:00:02  -           7s

            """, await Shown("stations", "--port", "vm2"));
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
    [InlineData("stations")]
    [InlineData("flows")]
    [InlineData("neighbors")]
    [InlineData("forwards")]
    [InlineData("outside")]
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
        Assert.Equal(new(0, "", "no flows\n"), await CommandRun.Of("show", "flows", "--protocol", "icmp", "--socket", api.Path));
    }

    [Fact]
    public async Task A_filter_that_names_nothing_is_a_mistake()
    {
        await using var api = await ApiFixture.Start();
        Assert.Equal(new(2, "", "softswitch: there is no port 'vm9': did you mean 'vm1'?\n"),
            await CommandRun.Of("show", "fdb", "--port", "vm9", "--socket", api.Path));
        Assert.Equal(new(2, "", "softswitch: protocol is tcp, udp or icmp\n"),
            await CommandRun.Of("show", "flows", "--protocol", "gre", "--socket", api.Path));
    }

    [Fact]
    public async Task The_shell_is_told_the_ports_of_the_running_switch()
    {
        await using var api = await ApiFixture.Start();
        var line = $"softswitch --socket {api.Path} attach v";
        // A shell isn't kept waiting: on a busy machine it is told nothing.
        CommandRun run;
        for (var tries = 1; (run = await CommandRun.Of($"[suggest:{line.Length}]", line)).Output == "\n" && tries < 50; tries++)
        {
        }
        Assert.Equal("vm1\nvm2\n", run.Output);
    }

    private static string Networks(NetworkView network)
    {
        using var item = JsonDocument.Parse(NetworkView.Members.Json(network));
        var table = new ListTable(ApiLists.Networks.Table);
        table.Add(item.RootElement);
        return table.ToText().Render(colors: false);
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
