using System.Globalization;
using System.Text.RegularExpressions;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Loops behind NICs: two switches with two cables, and LANs that send back all that they are sent. Whoever stands beside pings
/// on meanwhile, in the same network and in another.</summary>
public sealed partial class CableLoopTests : IDisposable
{
    private readonly NetNs _host = new("host"), _other = new("other"), _near = new("near"), _far = new("far"), _there = new("there"),
        _beside = new("beside"), _next = new("next");

    /// <summary>Each takes out another cable, for its port came up later: joined by none, they find out that one cut is enough.</summary>
    [Fact]
    public void Of_two_cables_between_two_switches_one_is_used_and_the_other_when_that_is_gone()
    {
        Need.Tun();
        _host.Veth("first", _other, "first");
        _host.Veth("second", _other, "second");
        using var one = SoftSwitchProcess.Start(File("first", "second"), _host);
        using var other = SoftSwitchProcess.Start($$"""
            networks: { lab: { mode: internal } }
            ports:
              there: { network: lab, kind: tap, netns: "{{_there.Name}}", address: 10.8.0.3/24 }
              second: { network: lab, kind: nic }
              first: { network: lab, kind: nic }
            """, _other);
        SoftSwitchProcess[] both = [one, other];
        using var inside = Pinging(_near, "10.8.0.2");
        using var beside = Pinging(_beside, "10.9.0.2");
        Eventually.Holds(() =>
        {
            Stir();
            return Cut() == 1 && Ping.Reaches(_near, "10.8.0.3", count: 1);
        }, seconds: 40);
        var told = Told();
        for (var until = DateTime.UtcNow.AddSeconds(5); DateTime.UtcNow < until;)
        {
            Stir();
            Assert.Equal(1, Cut());
        }
        // Nothing has gone round since: a loop is told.
        Assert.Equal(told, Told());
        Assert.InRange(told, 1, 2);
        Assert.Equal(0, Lost(beside));
        Assert.InRange(Lost(inside), 0, 20);

        var used = new[] { "first", "second" }.Single(cable => both.All(who => State(who, cable) == "up"));
        _host.Check($"ip link set dev {used} down");
        Eventually.Holds(() => Ping.Reaches(_near, "10.8.0.3", count: 1), seconds: 60);
        Array.ForEach(both, who => who.Terminate());

        int Cut() => both.Sum(who => new[] { "first", "second" }.Count(cable => State(who, cable) == "failed"));

        int Told() => both.Sum(who => who.Errors.Count(line => line.Contains("a loop: ")));
    }

    [Fact]
    public void LANs_that_send_back_all_that_they_are_sent_cost_nobody_a_packet_and_are_told_once_each()
    {
        Need.Tun();
        foreach (var (nic, lan) in new[] { ("first", _other), ("second", _there) })
        {
            _host.Veth(nic, lan, "end");
            lan.Check("tc qdisc add dev end clsact");
            lan.Check("tc filter add dev end ingress protocol all u32 match u32 0 0 action mirred egress redirect dev end");
        }
        using var started = SoftSwitchProcess.Start(File("first", "second"), _host);
        using var inside = Pinging(_near, "10.8.0.2");
        using var beside = Pinging(_beside, "10.9.0.2");
        Eventually.Holds(() =>
        {
            Stir();
            return new[] { "first", "second" }.All(nic =>
                started.Errors.Any(line => line.Contains($"port {nic}: sends as ") && line.Contains("sends back what it is sent")));
        }, seconds: 30);
        Assert.Equal((0, 0), (Lost(inside), Lost(beside)));
        Assert.All(new[] { "first", "second" }, nic =>
        {
            Assert.Equal("up", State(started, nic));
            Eventually.Holds(() => started.Items("ports").Single(port => port.GetProperty("name").GetString() == nic)
                .TryGetProperty("reason", out var reason) && reason.GetString()!.Contains("sends back what it is sent"));
            Assert.Contains(started.Items("drops"), drop => drop.GetProperty("port").GetString() == nic
                && drop.GetProperty("reason").GetString() == "source-elsewhere");
            // A line for each station that comes back.
            Assert.Distinct(started.Errors.Where(line => line.Contains($"port {nic}: sends as "))
                .Select(line => line[line.IndexOf(' ')..]));
        });
        started.Terminate();
    }

    public void Dispose()
    {
        foreach (var ns in (NetNs[])[_host, _other, _near, _far, _there, _beside, _next])
            ns.Dispose();
    }

    private static BackgroundProcess Pinging(NetNs from, string address) =>
        from.Start("ping", "-i", "0.05", "-c", "160", "-W", "2", address);

    /// <summary>Packets without an answer, when it is over.</summary>
    private static int Lost(BackgroundProcess ping)
    {
        var match = Summary().Match(ping.WaitForLine(line => line.Contains(" packets transmitted")));
        return Number(1) - Number(2);

        int Number(int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    private string File(params string[] nics) => $$"""
        networks: { lab: { mode: internal }, beside: { mode: internal } }
        ports:
          near: { network: lab, kind: tap, netns: "{{_near.Name}}", address: 10.8.0.1/24 }
          far: { network: lab, kind: tap, netns: "{{_far.Name}}", address: 10.8.0.2/24 }
          beside: { network: beside, kind: tap, netns: "{{_beside.Name}}", address: 10.9.0.1/24 }
          next: { network: beside, kind: tap, netns: "{{_next.Name}}", address: 10.9.0.2/24 }

        """ + string.Concat(nics.Select(nic => $"  {nic}: {{ network: lab, kind: nic }}\n"));

    /// <summary>Somebody looks for one that isn't there.</summary>
    private void Stir() => Ping.Reaches(_near, "10.8.0.77", count: 1);

    private static string? State(SoftSwitchProcess started, string port) =>
        started.Items("ports").Single(one => one.GetProperty("name").GetString() == port).GetProperty("state").GetString();

    [GeneratedRegex(@"(\d+) packets transmitted, (\d+) received")]
    private static partial Regex Summary();
}
