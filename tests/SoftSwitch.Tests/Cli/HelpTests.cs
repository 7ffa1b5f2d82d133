using System.CommandLine;
using System.Diagnostics;
using SoftSwitch.Cli;
using SoftSwitch.Tests.Api;

namespace SoftSwitch.Tests.Cli;

public class HelpTests
{
    /// <summary>Every command that is shown, in words.</summary>
    public static TheoryData<string> Commands => [.. All(CommandLine.Root()).Select(HelpText.PathOf)];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Every_command_has_a_help_that_fits_a_terminal_with_examples_that_are_no_mistakes(string command)
    {
        var run = await CommandRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains($"\nUsage: softswitch{(command.Length > 0 ? " " + command : "")} ", run.Output);
        var (_, examples) = (run.Output, run.Output[run.Output.IndexOf("\nExample", StringComparison.Ordinal)..].Split('\n',
            StringSplitOptions.RemoveEmptyEntries)[1..]);
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            // What stands around it is the shell's.
            var words = example[example.IndexOf("softswitch", StringComparison.Ordinal)..].Split(['>', '|', ')'])[0]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Empty(CommandLine.Root().Parse(words[1..]).Errors);
        }
    }

    /// <summary>A switch that is there and says nothing: help is not a question to it, and its ports are not in it.</summary>
    [Fact]
    public async Task Help_asks_no_switch()
    {
        using (var silent = new SilentSwitch())
        {
            foreach (var command in Commands.Select(row => row.Data))
                await CommandRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--socket", silent.Path, "--help"]);
            Assert.False(silent.WasAsked, "somebody connected");
        }
    }

    [Fact]
    public async Task The_socket_is_offered_where_a_running_switch_is_meant_and_nowhere_else()
    {
        foreach (var command in Commands.Select(row => row.Data))
        {
            var run = await CommandRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
            // Those that only have others below them do nothing themselves.
            var asks = command is not ("network" or "port" or "forward" or "config") && command.Split(' ')[0]
                is "" or "run" or "show" or "reload" or "upgrade" or "route" or "attach" or "network" or "port" or "forward" or "connect"
                or "config";
            Assert.True(asks == run.Output.Contains("--socket PATH"), command);
        }
        var refused = await CommandRun.Of("check", "file", "--socket", "path");
        Assert.Equal((2, "softswitch: unknown option '--socket' (see: softswitch check --help)\n"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task Help_lists_no_ports_of_the_running_switch()
    {
        await using var api = await ApiFixture.Start();
        var run = await CommandRun.Of("attach", "--socket", api.Path, "--help");
        Assert.DoesNotContain("vm2", run.Output);
        Assert.Contains("softswitch attach PORT [OPTION…]", run.Output);
    }

    /// <summary>The shell waits for its completions, and so they wait for nobody long.</summary>
    [Fact]
    public async Task Completions_of_a_switch_that_hangs_come_at_once_and_empty()
    {
        using var silent = new SilentSwitch();
        var line = $"softswitch --socket {silent.Path} attach v";
        var clock = Stopwatch.StartNew();
        Assert.Equal("", (await CommandRun.Of($"[suggest:{line.Length}]", line)).Output.Trim());
        // A quarter of a second on a quiet machine; the client's usual patience is ten.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 8);
    }

    private static IEnumerable<Command> All(Command command) =>
        command.Subcommands.Where(sub => !sub.Hidden).SelectMany(All).Prepend(command);
}
