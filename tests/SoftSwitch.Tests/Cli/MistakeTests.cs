namespace SoftSwitch.Tests.Cli;

public class MistakeTests
{
    [Theory]
    [InlineData("", "a command is missing")]
    [InlineData("fun", "unknown command 'fun'")]
    [InlineData("--fun", "unknown option '--fun'")]
    [InlineData("@file", "unknown command '@file'")]
    [InlineData("run", "FILE is missing (see: softswitch run --help)")]
    [InlineData("run a b", "unexpected argument 'b'")]
    [InlineData("run a --log-format xml", "there is no log format 'xml': write text or json")]
    [InlineData("run a --log-format", "--log-format takes a FORMAT")]
    [InlineData("check", "FILE is missing")]
    [InlineData("completions", "a command is missing; there is bash, zsh, fish (see: softswitch completions --help)")]
    [InlineData("shwo", "unknown command 'shwo'; did you mean 'show'? (see: softswitch --help)")]
    [InlineData("ports", "unknown command 'ports'; did you mean 'show ports'?")]
    [InlineData("version", "unknown command 'version'; did you mean '--version'?")]
    [InlineData("run --strct", "unknown option '--strct'; did you mean '--strict'? (see: softswitch run --help)")]
    [InlineData("check --json", "unknown option '--json' (see: softswitch check --help)")]
    [InlineData("reload --dryrun", "unknown option '--dryrun'; did you mean '--dry-run'?")]
    [InlineData("config save --dryrun", "unknown option '--dryrun'; did you mean '--dry-run'?")]
    [InlineData("attach -f", "unknown option '-f'")]
    [InlineData("help", "unknown command 'help'; did you mean '--help'?")]
    [InlineData("show prots", "unknown command 'prots'; did you mean 'ports'? (see: softswitch show --help)")]
    [InlineData("show forward", "unknown command 'forward'; did you mean 'forwards'?")]
    [InlineData("show ports --jsno", "unknown option '--jsno'; did you mean '--json'? (see: softswitch show ports --help)")]
    [InlineData("show flows --protcol=tcp", "unknown option '--protcol'; did you mean '--protocol'?")]
    [InlineData("show ports -json", "unknown option '-json'; did you mean '--json'?")]
    [InlineData("attach vm1 --fromat qemu", "unknown option '--fromat'; did you mean '--format'?")]
    [InlineData("run a --soket x", "unknown option '--soket'; did you mean '--socket'?")]
    [InlineData("attach vm1 --format qmeu", "there is no format 'qmeu': did you mean 'qemu'?")]
    [InlineData("completions bahs", "unknown command 'bahs'; did you mean 'bash'?")]
    [InlineData("show fun", "unknown command 'fun'")]
    [InlineData("show ports --fun", "unknown option '--fun'")]
    [InlineData("show ports --port vm1", "unknown option '--port'")]
    [InlineData("show ports vm1", "unexpected argument 'vm1'")]
    [InlineData("show fdb --port", "--port takes a PORT")]
    [InlineData("show ports --socket", "--socket takes a PATH (see: softswitch show ports --help)")]
    [InlineData("--socket", "--socket takes a PATH")]
    [InlineData("lab --shell", "--shell takes a PORT")]
    [InlineData("attach", "PORT is missing")]
    [InlineData("completions tcsh", "unknown command 'tcsh'; there is bash, zsh, fish")]
    [InlineData("top", "'top' is not available yet")]
    [InlineData("top --fast 3", "'top' is not available yet")]
    [InlineData("port add vm9 --network dev", "--kind is missing: write --kind guest, nic, tap or veth")]
    [InlineData("port add vm9 --network dev --kind", "--kind takes a VALUE")]
    [InlineData("port add --network dev --kind guest", "NAME is missing")]
    [InlineData("port set vm9", "nothing to set: write a key and its value")]
    [InlineData("port set vm9 --mtuu 7", "unknown option '--mtuu'; did you mean '--mtu'?")]
    [InlineData("forward remove x", "--network is missing")]
    [InlineData("connect --network dev", "who gets the interface? write one of --pid PID")]
    [InlineData("network add x --mode nat --dhcp {", "--dhcp:1:")]
    [InlineData("capture vm1 -w -", "'capture' is not available yet")]
    [InlineData("trace --in vm1 arp", "'trace' is not available yet")]
    [InlineData("bench", "'bench' is not available yet")]
    [InlineData("doctor", "'doctor' is not available yet")]
    [InlineData("show flows --protocol", "--protocol takes a PROTOCOL")]
    [InlineData("show flows --port vm1", "unknown option '--port'")]
    [InlineData("show neighbors --inside 10.0.0.1", "unknown option '--inside'")]
    public async Task A_mistake_is_one_line_and_status_2(string words, string begins)
    {
        var run = await CommandRun.Of(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"softswitch: {begins}", run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        Assert.Empty(run.Output);
        Assert.Equal(2, run.Status);
    }

    [Fact]
    public async Task Without_a_running_switch_the_status_is_3_and_the_line_says_how_to_start_one()
    {
        var path = Path.Combine(Path.GetTempPath(), $"ss-{Guid.NewGuid():N}");
        var run = await CommandRun.Of("show", "ports", "--socket", path);
        Assert.Equal(3, run.Status);
        Assert.StartsWith($"softswitch: no running switch answers on {path} (", run.Error);
        Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_socket_path_the_kernel_would_refuse_is_a_mistake()
    {
        var run = await CommandRun.Of("show", "ports", "--socket", "/" + new string('s', 200));
        Assert.Equal(2, run.Status);
        Assert.Contains("too long", run.Error);
    }

    [Fact]
    public async Task The_version_is_one_line()
    {
        Assert.Equal(new(0, "softswitch 0.1.0\n", ""), await CommandRun.Of("--version"));
    }

    [Fact]
    public async Task The_help_shows_what_there_is_and_nothing_that_is_not_available()
    {
        var run = await CommandRun.Of("--help");
        Assert.Equal(0, run.Status);
        foreach (var command in new[] { "run FILE", "check FILE", "show", "attach PORT", "lab [FILE]", "completions" })
            Assert.Contains($"\n  {command}", run.Output);
        foreach (var command in new[] { "top", "bench", "doctor", "capture" })
            Assert.DoesNotContain($"\n  {command}", run.Output);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Each_shell_gets_a_completion_script_that_asks_the_command(string shell)
    {
        var run = await CommandRun.Of("completions", shell);
        Assert.Equal(0, run.Status);
        Assert.Contains("[suggest:", run.Output);
    }

    [Fact]
    public async Task The_shell_is_told_which_words_fit()
    {
        var run = await CommandRun.Of("[suggest:16]", "softswitch show ");
        foreach (var word in new[] { "ports", "fdb", "leases", "flows", "neighbors", "forwards", "outside", "drops", "networks", "config" })
            Assert.Contains(word, run.Output.Split('\n'));
    }
}
