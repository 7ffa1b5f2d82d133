using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Control;

/// <summary>What is made while the switch runs carries frames, survives a reload and a restart, and goes when it is to.</summary>
public sealed class LiveCommandTests
{
    [Fact]
    public void What_is_made_at_run_time_carries_pings_over_a_reload_and_a_restart_until_it_is_removed()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var one = new NetNs("one");
        using var two = new NetNs("two");
        using var process = two.Start("sleep", "600");
        var (file, socket, state) = (TemporaryFolder.NewPath(".yaml"), TemporaryFolder.NewPath(".sock"), TemporaryFolder.NewPath(".state"));
        File.WriteAllText(file, $$"""
            state: {{state}}
            networks: { dev: { mode: internal, subnet: 10.9.0.0/24, dhcp: {} } }
            ports:
              one: { network: dev, kind: tap, netns: {{one.Name}}, address: 10.9.0.1/24 }
            """);
        using (var started = Run())
        {
            Assert.Equal("+ port two (tap in network dev, 10.9.0.2/24)\n",
                Command("connect", "--network", "dev", "--pid", $"{process.Pid}", "--address", "10.9.0.2/24", "--name", "two"));
            Ping.Wait(one, "10.9.0.2");
            Command("reload");
            Ping.Wait(one, "10.9.0.2");
            Command("port", "down", "two");
            Assert.False(Ping.Reaches(one, "10.9.0.2"));
            Command("port", "up", "two");
            Ping.Wait(one, "10.9.0.2");
            Command("port", "add", "gone[1-3]", "--network", "dev", "--kind", "tap", "--ttl", "3s");
            Assert.Contains("gone3", Command("show", "ports"));
            Eventually.Holds(() => !Command("show", "ports").Contains("gone"));
            Assert.Contains("run-time", Command("show", "ports"));
            End(started);
        }
        using (var started = Run())
        {
            Ping.Wait(one, "10.9.0.2");
            Command("port", "remove", "two");
            Assert.False(Ping.Reaches(one, "10.9.0.2"));
            Assert.Empty(Command("show", "run-time"));
            End(started);
        }

        BackgroundProcess Run()
        {
            var started = host.Start(PublishedExecutable.Path, "run", file, "--socket", socket);
            started.WaitForOutputLine("ready");
            return started;
        }

        string Command(params string[] words) =>
            host.Exec(PublishedExecutable.Path, [.. words, "--socket", socket]).Succeeded().Output;

        static void End(BackgroundProcess started)
        {
            started.Signal("TERM");
            started.WaitForExit();
        }
    }
}
