using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>What a person sees of a running switch, on a terminal of 80 columns and 24 lines.</summary>
public partial class ShowTests
{
    private static readonly string Config = $$"""
        networks:
          lab: { mode: internal }
          dev: { mode: nat, subnet: 10.13.0.0/24, forwards: [{ from: tcp/2222, to: "10.13.0.5:22" }, { from: udp/53, to: g1 }] }
        ports:
          g1: { network: dev, kind: guest }
          g2: { network: lab, kind: guest, mac: "52:54:00:00:0d:02" }
          {{string.Join("\n  ", Enumerable.Range(0, 30).Select(i => $"a-long-name-{i}: {{ network: lab, kind: guest }}"))}}
        """;

    [Fact]
    public void Ports_show_the_address_that_their_interface_has_in_its_namespace_and_lists_take_the_gateway_s_name()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var box = new NetNs("box");
        using var started = SoftSwitchProcess.Start($$"""
            networks: { dev: { mode: nat, subnet: 10.13.0.0/24 } }
            ports:
              t1: { network: dev, kind: tap, netns: {{box.Name}} }
              t2: { network: dev, kind: tap, netns: {{box.Name}}, mac: "52:54:00:00:0d:01" }
              v1: { network: dev, kind: veth, netns: {{box.Name}} }
              v2: { network: dev, kind: veth, netns: {{box.Name}}, mac: "52:54:00:00:0d:02" }
            """, host);
        foreach (var port in started.Items("ports"))
            Assert.Equal(box.Mac(port.GetProperty("name").GetString()!), port.GetProperty("mac").GetString());
        Assert.Equal(4, started.Items("ports").Count);
        Assert.Contains("dev.gateway", started.Client("show", "fdb", "--port", "dev.gateway").Succeeded().Output);
        Assert.Equal("", started.Client("show", "drops", "--port", "dev.gateway", "--json").Succeeded().Error);
        Assert.Equal(2, started.Client("show", "fdb", "--port", "dev.gatewy").ExitStatus);
        started.Terminate();
    }

    [Fact]
    public void The_overview_stays_within_the_terminal_and_the_lists_say_what_is()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var started = SoftSwitchProcess.Start(Config, host);
        var frame = OnTerminal(host, $"timeout --foreground -s INT 3 {PublishedExecutable.Path} show --watch --socket {started.Socket}")
            .Split("\e[H")[^1];
        var lines = Escape().Replace(frame, "").TrimEnd().Split("\r\n");
        Assert.InRange(lines.Length, 20, 23);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
        Assert.StartsWith("NETWORK", lines[0]);
        Assert.EndsWith("more lines", lines[^1]);
        foreach (var what in (string[])["", " ports", " networks", " forwards"])
            Assert.All(Escape().Replace(OnTerminal(host, $"{PublishedExecutable.Path} show{what} --socket {started.Socket}"), "")
                .Split("\r\n"), line => Assert.InRange(line.Length, 0, 80));

        // One address in all places.
        foreach (var port in started.Items("ports").Where(port => port.GetProperty("name").GetString() is "g1" or "g2"))
            Assert.Contains($"mac={port.GetProperty("mac").GetString()}",
                started.Client("attach", port.GetProperty("name").GetString()!).Succeeded().Output);
        Assert.All(started.Items("forwards"), forward => Assert.Equal("waiting", forward.GetProperty("state").GetString()));
        Assert.Contains("10.13.0.5:22", started.Client("show", "forwards").Succeeded().Output);
    }

    [Fact]
    public void Who_watches_waits_while_the_switch_is_restarted_and_a_second_one_is_told_of_the_first()
    {
        Need.Tun();
        using var host = new NetNs("host");
        using var first = SoftSwitchProcess.Start("networks: { lab: { mode: internal } }", host);
        var refused = SoftSwitchProcess.Command(host, "run", first.ConfigFile, "--socket", first.Socket);
        Assert.Equal(1, refused.ExitStatus);
        Assert.Contains($"another softswitch answers on {first.Socket} (process {first.Pid})", refused.Error);

        using var watch = host.Start(PublishedExecutable.Path, "show", "--watch", "--socket", first.Socket);
        watch.WaitForLine(line => line.StartsWith("lab", StringComparison.Ordinal));
        first.Terminate();
        watch.WaitForLine(line => line.StartsWith("waiting for the switch: no running switch answers on ", StringComparison.Ordinal));
        var shown = watch.Output.Count;
        using var again = host.Start(PublishedExecutable.Path, "run", first.ConfigFile, "--socket", first.Socket);
        again.WaitForOutputLine("ready");
        Eventually.Holds(() => watch.Output.Count > shown);
        Assert.True(watch.IsRunning);
        watch.Signal("INT");
        Assert.Equal(0, watch.WaitForExit());
        Assert.Single(watch.Errors);
    }

    private static string OnTerminal(NetNs host, string command) =>
        host.Exec("script", ["-qec", $"export TERM=xterm; stty cols 80 rows 24; {command}", "/dev/null"]).Output;

    [GeneratedRegex("\e(\\[[?0-9;]*[A-Za-z]|=)")]
    private static partial Regex Escape();
}
