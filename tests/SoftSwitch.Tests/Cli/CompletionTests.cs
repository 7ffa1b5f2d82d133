using System.Diagnostics;
using SoftSwitch.Cli.Completions;

namespace SoftSwitch.Tests.Cli;

/// <summary>The script for bash, in bash, asking the command that was built beside these tests.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("softswitch sh", "show")]
    [InlineData("softswitch show p", "ports")]
    [InlineData("softswitch show ports --w", "--watch")]
    [InlineData("softswitch show fl", "flows")]
    [InlineData("softswitch show ports --s", "--socket")]
    [InlineData("softswitch check --s", "")]
    [InlineData("softswitch completions bash --s", "")]
    [InlineData("softswitch show flows --protocol u", "udp")]
    [InlineData("softswitch show flows --i", "--inside")]
    [InlineData("softswitch attach vm1 --format v", "virt-install")]
    [InlineData("softswitch check ", "")]
    public async Task Bash_completes_what_the_command_suggests(string line, string word)
    {
        var words = line.Split(' ');
        var script = $$"""
            {{BashScript.Text}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_WORDS=({{string.Join(' ', words)}}) COMP_CWORD={{words.Length - 1}}
            _softswitch "$0" '{{words[^1]}}' '{{words[^2]}}'
            echo "${COMPREPLY[*]}"
            complete -p softswitch
            """;
        Assert.Equal($"{word}\ncomplete -o default -F _softswitch softswitch\n", await Bash(script));
    }

    /// <summary>The tool here is a program of the test's that says names as docker does: that they are asked for in its words is what this
    /// can see.</summary>
    [Fact]
    public async Task Containers_that_run_are_completed()
    {
        var folder = Directory.CreateTempSubdirectory("softswitch-tests-");
        try
        {
            var tool = Path.Combine(folder.FullName, "docker");
            await File.WriteAllTextAsync(tool, "#!/bin/sh\n[ \"$1 $2 $3\" = 'ps --format {{.Names}}' ] && printf 'web\\nbox\\n'\n",
                TestContext.Current.CancellationToken);
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            const string line = "softswitch connect --container w";
            var script = $"PATH={folder.FullName}:$PATH; \"$0\" '[suggest:{line.Length}]' '{line}'";
            Assert.Equal("web\n", await Bash(script));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> Bash(string script)
    {
        var start = new ProcessStartInfo("bash", ["-c", script, Path.Combine(AppContext.BaseDirectory, "softswitch")])
        {
            RedirectStandardOutput = true,
            Environment = { ["SOFTSWITCH_SOCKET"] = "/nowhere/socket" },
        };
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
