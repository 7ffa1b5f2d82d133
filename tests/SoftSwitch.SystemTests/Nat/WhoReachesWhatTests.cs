using System.Net;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Everybody beside everybody, on one host.</summary>
public sealed class WhoReachesWhatTests(ITestOutputHelper output)
{
    /// <summary>What must not be reached is waited for once; what must be, as often as a busy machine needs.</summary>
    private const int Rounds = 4;

    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Everybody_reaches_what_the_page_says_by_TCP_UDP_and_ping()
    {
        var (who, rows) = ReachTable.Read();
        using var world = new Crossroads();
        (int Row, int Column, string Protocol)[] cells =
        [
            .. from row in Enumerable.Range(0, rows.Length)
               from column in Enumerable.Range(0, who.Length)
               from protocol in Probe.Protocols
               select (row, column, protocol),
        ];
        var reached = new HashSet<(int, int, string)>();
        for (var round = 0; round < Rounds; round++)
        {
            var asked = cells.Where(cell => !reached.Contains(cell) && (round == 0 || IsExpected(cell))).ToArray();
            var answers = await world.Ask(asked.Select(cell => (who[cell.Column], rows[cell.Row].What, cell.Protocol)), s_wait);
            reached.UnionWith(asked.Where((_, i) => answers[i]));
        }
        string Cell(int row, int column)
        {
            bool Is(string protocol) => reached.Contains((row, column, protocol));
            return ReachTable.Word(Is("tcp"), Is("udp"), Is("ping"));
        }
        string[][] seen = [.. rows.Select((_, row) => who.Select((_, column) => Cell(row, column)).ToArray())];
        Print(who, rows.Select(row => row.Text), seen);
        Assert.Equal(
            rows.SelectMany(row => row.Cells.Select((cell, column) => $"{who[column]} reaches {row.Text}: {cell}")),
            rows.SelectMany((row, i) => seen[i].Select((cell, column) => $"{who[column]} reaches {row.Text}: {cell}")));
        // So it is with an address that the host is given later.
        world.Host.Address("nic2", "172.30.0.9/24");
        using var later = new WhoServer(world.Host, ReachTable.ServicePort, "172.30.0.9");
        foreach (var protocol in new[] { "tcp", "udp" })
            Eventually.Holds(() => Conversation.Seen(world["a"], protocol, "172.30.0.9", ReachTable.ServicePort, seconds: 1) is not null);
        world.Switch!.Terminate();

        bool IsExpected((int Row, int Column, string Protocol) cell) =>
            rows[cell.Row].Cells[cell.Column] is var word && (word == "yes" || word == cell.Protocol);
    }

    [Fact]
    public async Task Without_a_bridged_network_and_by_an_interface_that_is_named_the_same_is_reached()
    {
        var (who, rows) = ReachTable.Read();
        using var world = new Crossroads("{ interface: nic }", isBridged: false);
        (string Who, IPEndPoint What, string Protocol)[] asked =
        [
            .. from row in rows
               from column in Enumerable.Range(0, who.Length)
               where row.Cells[column] == "yes" && who[column] != "lan" && row.What.Address.ToString() != Crossroads.Bridged
                   && !IsBySecondNic(who[column], row.What)
               from protocol in Probe.Protocols
               select (who[column], row.What, protocol),
        ];
        var answers = await world.Ask(asked, s_wait * Rounds);
        Assert.Empty(asked.Where((_, i) => !answers[i]));
        // By no other interface does anything leave.
        Assert.False(Ping.Reaches(world["a"], "172.30.0.1", 1));
        world.Switch!.Terminate();

        // Where the host's routing decides, that is a way out as well.
        static bool IsBySecondNic(string who, IPEndPoint what) => who is "a" or "b" && what.Address.ToString() == "172.30.0.1";
    }

    private void Print(string[] who, IEnumerable<string> rows, string[][] cells)
    {
        output.WriteLine($"| who reaches | {string.Join(" | ", who.Select(name => $"`{name}`"))} |");
        foreach (var (row, seen) in rows.Zip(cells))
            output.WriteLine($"| {row} | {string.Join(" | ", seen)} |");
    }
}
