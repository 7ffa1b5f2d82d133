using System.Text.Json;
using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Logging;

/// <summary>Nothing that only tells stops what runs, whatever becomes of the log, and the log says what a person needs.</summary>
public sealed partial class LogTests
{
    [Theory]
    [InlineData("exec $SWITCH >/dev/full 2>/dev/full")]
    [InlineData("exec $SWITCH <&- >&- 2>&-")]
    [InlineData("exec $SWITCH >out 2>&-")]
    // A reader that is gone before the first line.
    [InlineData("mkfifo f; exec 4<>f 5>f 4<&-; exec $SWITCH >&5 2>&5")]
    // A reader that sleeps: the pipe is full, `ready` included.
    [InlineData("mkfifo f; exec 4<>f; head -c 65536 /dev/zero >&4; exec $SWITCH >&4 2>&4")]
    // At its size limit. (The JIT build needs large files of its own.)
    [InlineData("head -c 4000 /dev/zero >err; ulimit -f 8; export DOTNET_EnableWriteXorExecute=0; exec $SWITCH >out 2>>err")]
    public void No_output_that_is_closed_or_full_or_stuck_stops_the_switch(string script)
    {
        using var started = new RedirectedSwitch(script);
        started.Flap("eth0", 20);
        started.LivesAndEnds();
    }

    [Fact]
    public void A_full_disk_costs_lines_and_when_there_is_room_again_their_number_is_said()
    {
        Need.RealRoot("the file system of another mount namespace");
        using var started =
            new RedirectedSwitch("mkdir m; mount -t tmpfs -o size=8k tmpfs m; head -c 8192 /dev/zero >m/fill; exec $SWITCH >out 2>m/err");
        started.Flap("eth0", 3, "sleep 0.1");
        File.Delete(started.Path("m/fill"));
        var path = started.Path("m/err");
        Eventually.Holds(() => RedirectedSwitch.ReadLines(path).Any(line => Lost().IsMatch(line)));
        started.LivesAndEnds();
    }

    [Fact]
    public void A_terminal_that_is_closed_stops_nothing()
    {
        Need.Tool("script");
        using var started = new RedirectedSwitch("exec script -qc 'echo $$ >pid; exec '\"$SWITCH\" /dev/null");
        var pid = int.Parse(File.ReadAllText(System.IO.Path.Combine(started.Folder, "pid")));
        try
        {
            // On a terminal, a line has no time.
            started.Process.WaitForLine(line => line.StartsWith("softswitch ") && line.Contains("control socket"));
            started.Process.Kill();
            started.Flap("eth0", 5, "sleep 0.1");
            Eventually.Holds(() => started.State("v") == "up");
        }
        finally
        {
            Shell.Signal(pid, "TERM");
        }
        Eventually.Holds(() => !Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public void A_container_that_flaps_its_link_costs_a_few_lines_and_its_last_state_is_told()
    {
        using var started = new RedirectedSwitch("exec $SWITCH >out 2>err");
        started.Flap("eth0", 125);
        started.Flap("eth1", 125);
        // So slowly that each is news.
        started.Flap("eth1", 12, "sleep 0.1");
        Eventually.Holds(() => started.State("v") == "up" && started.State("t") == "up");
        foreach (var port in new[] { "v", "t" })
        {
            Eventually.Holds(() => Regex.IsMatch(Of(port)[^1], $"Z info port {port}: up( \\(and [0-9]+ more\\))?$"));
            Assert.InRange(Of(port).Length, 1, 12);
        }
        started.LivesAndEnds();

        string[] Of(string port) => [.. started.Log.Where(line => line.Contains($" port {port}: "))];
    }

    [Fact]
    public void Lines_in_a_file_have_a_time_and_a_level_and_the_first_and_last_say_what_ran_and_why_it_ended()
    {
        using var started = new RedirectedSwitch("exec $SWITCH >out 2>err");
        started.Process.Signal("INT");
        Assert.Equal(0, started.Process.WaitForExit());
        var log = started.Log;
        Assert.All(log, line => Assert.Matches("^20..-..-..T..:..:..\\....Z (info|warning|error) [^ ]", line));
        Assert.Matches($"softswitch [0-9.]+ .*{started.Folder}/switch.yaml.*{started.Folder}/s", log[0]);
        Assert.Contains("SIGINT", log[^1]);
        Assert.Equal("ready\n", File.ReadAllText(Path.Combine(started.Folder, "out")));
    }

    [Fact]
    public void The_journal_gets_priorities_instead_of_times()
    {
        using var started = new RedirectedSwitch("exec 2>err; export JOURNAL_STREAM=$(stat -c %d:%i err); exec $SWITCH >out");
        started.LivesAndEnds();
        Assert.All(started.Log, line => Assert.Matches("^<[346]>[a-z]", line));
        Assert.Contains(started.Log, line => line.StartsWith("<4>port v: down", StringComparison.Ordinal));
        Assert.StartsWith("<6>softswitch ", started.Log[0]);
    }

    [Fact]
    public void Programs_get_an_object_a_line()
    {
        using var started = new RedirectedSwitch("exec $SWITCH >out 2>err", "--log-format", "json");
        started.LivesAndEnds();
        var lines = started.Log.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(lines, line =>
        {
            Assert.True(line.GetProperty("time").TryGetDateTimeOffset(out _));
            Assert.Contains(line.GetProperty("level").GetString(), new[] { "info", "warning", "error" });
            Assert.NotEmpty(line.GetProperty("message").GetString()!);
        });
        Assert.Equal($"{started.Folder}/switch.yaml", lines[0].GetProperty("file").GetString());
        Assert.Contains(lines, line => line.TryGetProperty("port", out var port) && port.GetString() == "v"
            && line.GetProperty("network").GetString() == "lab");
        Assert.Contains("SIGTERM", lines[^1].GetProperty("message").GetString());
    }

    [Fact]
    public void A_client_whose_output_is_closed_ends_quietly_and_one_whose_disk_is_full_says_so()
    {
        using var started = new RedirectedSwitch("exec $SWITCH >out 2>err");
        foreach (var quiet in new[] { "$SHOW | head -1", "$SHOW >&-", "$SHOW --json >&- 2>&-", "$SHOW --watch | head -2",
            "$SHOW --watch >&-", "$SHOW --watch --json | head -1" })
        {
            var result = started.Pipeline(quiet, TimeSpan.FromSeconds(10));
            Assert.Equal((0, ""), (result.ExitStatus, result.Error));
        }
        foreach (var full in new[] { "$SHOW >/dev/full", "$SHOW --json >/dev/full", "$SHOW --watch >/dev/full" })
        {
            var result = started.Pipeline(full, TimeSpan.FromSeconds(10));
            Assert.Equal((1, "softswitch: standard output: no space left on device\n"), (result.ExitStatus, result.Error));
        }
        Assert.Equal(1, started.Pipeline("$SHOW >/dev/full 2>/dev/full").ExitStatus);
    }

    [GeneratedRegex("[0-9]+ lines? (was|were) lost: no space left on device$")]
    private static partial Regex Lost();
}
