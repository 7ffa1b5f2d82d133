using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Upgrade;

/// <summary>The file that the switch was started from is another one by now: it goes on where it can, and where it can't, what runs
/// does.</summary>
public sealed class ReplacedProgramTests : IDisposable
{
    private readonly NetNs _host = new("host"), _a = new("a"), _b = new("b");
    private readonly string _folder = TemporaryFolder.NewPath(".program");
    private readonly string _program, _socket;
    private readonly BackgroundProcess _switch;

    public ReplacedProgramTests()
    {
        Need.Tun();
        Directory.CreateDirectory(_folder);
        (_program, _socket) = (Path.Combine(_folder, "softswitch"), Path.Combine(_folder, "socket"));
        Install(File.ReadAllBytes(PublishedExecutable.Path));
        var config = Path.Combine(_folder, "one.yaml");
        File.WriteAllText(config, $$"""
            state: {{_folder}}/state
            networks: { one: { mode: internal } }
            ports:
              a: { network: one, kind: tap, netns: {{_a.Name}}, interface: eth0, address: 10.5.0.1/24 }
              b: { network: one, kind: veth, netns: {{_b.Name}}, interface: eth0, address: 10.5.0.2/24 }
            """);
        _switch = _host.Start(_program, "run", config, "--socket", _socket);
        _switch.WaitForOutputLine("ready");
    }

    [Fact]
    public void The_file_that_is_there_now_goes_on_and_one_that_can_not_is_refused_with_a_reason()
    {
        using var stream = new NumberedStream(_a, "10.5.0.1", _b, "10.5.0.2", 7000);
        foreach (var (script, reason) in new[]
        {
            ("#!/bin/sh\necho 'softswitch 9.9.9 takes over what is written in form 7, not 1: start it anew'; exit 1\n", "form 7, not 1"),
            ("#!/bin/sh\nexit 2\n", "doesn't know this question (status 2)"),
            ("#!/bin/sh\nsleep 60\n", "doesn't answer whether it can go on"),
            ("#!/bin/sh\nsleep 60 &\n", "doesn't answer whether it can go on"),
            ("#!/bin/sh\nhead -c 4000000000 /dev/zero\n", "doesn't answer whether it can go on"),
            ("no program at all\n", "can't be started"),
            // It answers, and isn't there any more when it is to go on.
            ("#!/bin/sh\nrm \"$0\"; echo 9.9.9\n", "not restarted, the program that ran goes on: "),
        })
        {
            Install(System.Text.Encoding.ASCII.GetBytes(script));
            var refused = Upgrade();
            Assert.Equal(1, refused.ExitStatus);
            Assert.Contains(reason, refused.Output + refused.Error, StringComparison.Ordinal);
            Assert.Null(stream.Wrong);
        }
        // None of what was said without an end was kept.
        Assert.InRange(ProcessUse.Of(_switch.Pid).Kilobytes, 0, 300_000);
        // Another file of the same program, and one that was there all the time is no more.
        Install(File.ReadAllBytes(PublishedExecutable.Path));
        Upgrade().Succeeded();
        // One that was replaced would be called deleted.
        Assert.Equal(_program, new FileInfo($"/proc/{_switch.Pid}/exe").LinkTarget);
        // By a signal, and by two at once.
        _switch.Signal("USR2");
        _switch.Signal("USR2");
        _switch.WaitForLine(line => line.Contains("goes on after a planned restart", StringComparison.Ordinal));
        Eventually.Holds(() => Shell.Run(_program, ["show", "ports", "--socket", _socket]).ExitStatus == 0);
        _switch.Signal("USR2");
        // A stop is heard by whichever program is there.
        _switch.Signal("TERM");
        Assert.True(_switch.WaitForExit() == 0, _switch.All());
        Assert.DoesNotContain(_switch.Errors, line => line.Contains("internal error", StringComparison.Ordinal));
        Assert.NotEqual(0, _a.Run("ip link show dev eth0").ExitStatus);
        Assert.NotEqual(0, _b.Run("ip link show dev eth0").ExitStatus);
    }

    public void Dispose()
    {
        _switch.Dispose();
        foreach (var one in (NetNs[])[_host, _a, _b])
            one.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ShellResult Upgrade() => _host.Exec(PublishedExecutable.Path, ["upgrade", "--socket", _socket], TimeSpan.FromSeconds(30));

    /// <summary>As packages do: beside it, and then in its place.</summary>
    private void Install(byte[] program)
    {
        var beside = _program + ".new";
        File.WriteAllBytes(beside, program);
        File.SetUnixFileMode(beside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(beside, _program, overwrite: true);
    }
}
