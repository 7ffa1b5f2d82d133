using System.Globalization;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>The executable, reloaded over and over: what isn't another notices nothing. <c>SOFTSWITCH_RELOADS</c> says how often.</summary>
public sealed class ReloadTests : IDisposable
{
    private const int Others = 5, WarmUp = 20;

    /// <summary>Kilobytes that memory may be more by: what the runtime hasn't given back yet.</summary>
    private const int Slack = 24_000;

    private readonly NetNs _host = new("host"), _a = new("a"), _b = new("b"), _c = new("c"), _far = new("far");
    private SoftSwitchProcess? _switch;

    /// <summary>There is a LAN, and an outside beside it.</summary>
    public ReloadTests()
    {
        _host.Veth("nic", _far, "lan");
        _host.Veth("out", _far, "outside");
        _host.Check("ip addr add 10.9.0.1/24 dev out");
        _far.Check("ip addr add 10.8.0.2/24 dev lan");
        _far.Check("ip addr add 10.9.0.2/24 dev outside");
    }

    /// <summary>In each mode: internal, host-only, bridged, nat.</summary>
    [Fact]
    public void Untouched_ports_lose_double_and_reorder_nothing_while_all_else_comes_goes_moves_and_changes()
    {
        Need.Tun();
        var reloads = int.TryParse(Environment.GetEnvironmentVariable("SOFTSWITCH_RELOADS"), CultureInfo.InvariantCulture, out var given)
            ? given : 60;
        var plain = Make(null);
        _switch = SoftSwitchProcess.Start(plain, _host);
        // Between two guests, a tap and a veth, and from a guest to the host.
        using var guests = new NumberedStream(_a, "10.5.0.1", _b, "10.5.0.2", 7000);
        using var host = new NumberedStream(_c, "10.6.0.9", _host, "10.6.0.1", 7000);
        using var bridged = new NumberedStream(_b, "10.8.0.9", _far, "10.8.0.2", 7000);
        using var nat = new NumberedStream(_c, "10.10.0.9", _far, "10.9.0.2", 7000);
        NumberedStream[] streams = [guests, host, bridged, nat];
        var random = new Random(20);
        for (var reload = 0; reload < WarmUp; reload++)
            Reload(Make(random));
        Reload(plain);
        var before = ProcessUse.Of(_switch.Pid);
        long[] first = [.. streams.Select(stream => stream.Received)];
        for (var reload = 0; reload < reloads; reload++)
        {
            Reload(Make(random));
            Assert.All(streams, stream => Assert.Null(stream.Wrong));
        }
        Reload(plain);
        var datagrams = string.Join(", ", streams.Zip(first, (stream, had) => stream.End() - had));
        var told = $"{reloads} reloads, beside {datagrams} datagrams";
        var after = ProcessUse.Of(_switch.Pid);
        TestContext.Current.TestOutputHelper?.WriteLine($"{told}: {before}, then {after}");
        Assert.Equal((before.Files, before.Threads), (after.Files, after.Threads));
        Assert.InRange(after.Kilobytes, 0, before.Kilobytes + Slack);
        _switch.Terminate();
        Assert.DoesNotContain(_switch.Errors, line => line.Contains("internal error", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_refused_leaves_everything_as_it_was_and_a_dry_run_says_it_too()
    {
        Need.Tun();
        _switch = SoftSwitchProcess.Start(Make(null), _host);
        var refused = Make(null).Replace(
            "ports:", "ports:\n  x: { network: one, kind: nic, interface: no-such }", StringComparison.Ordinal);
        string[] ports = Ports();
        using var guests = new NumberedStream(_a, "10.5.0.1", _b, "10.5.0.2", 7000);
        var (status, body) = _switch.ReloadNow(refused);
        Assert.Equal(409, status);
        Assert.Contains("port x: ", body, StringComparison.Ordinal);
        Assert.Contains("ss-lab", ports);
        Assert.Equal(ports, Ports());
        File.WriteAllText(_switch.ConfigFile, "state: /srv/other\n" + Make(null));
        var dry = _switch.Client("reload", "--dry-run");
        Assert.NotEqual(0, dry.ExitStatus);
        Assert.Contains("it takes a new start of the switch", dry.Output + dry.Error, StringComparison.Ordinal);
        guests.End();
    }

    public void Dispose()
    {
        _switch?.Dispose();
        foreach (var one in (NetNs[])[_host, _a, _b, _c, _far])
            one.Dispose();
    }

    private string[] Ports() => [.. _switch!.Items("ports").Select(port => port.GetProperty("name").GetString()!).Order()];

    private void Reload(string config)
    {
        var (status, body) = _switch!.ReloadNow(config);
        if (status != 200)
            Assert.Fail($"{status}: {body}\n{config}");
    }

    /// <summary>What the streams need, and what chance adds.</summary>
    private string Make(Random? random)
    {
        List<string> networks =
        [
            "one: { mode: internal }", "lab: { mode: host-only, subnet: 10.6.0.0/24 }", "lan: { mode: bridged, uplink: nic }",
            "wan: { mode: nat, subnet: 10.10.0.0/24, outside: { interface: out } }",
        ];
        List<string> ports =
        [
            $"a: {{ network: one, kind: veth, netns: {_a.Name}, interface: eth0, address: 10.5.0.1/24 }}",
            $"b: {{ network: one, kind: tap, netns: {_b.Name}, interface: eth0, address: 10.5.0.2/24 }}",
            $"c: {{ network: lab, kind: tap, netns: {_c.Name}, interface: eth0, address: 10.6.0.9/24 }}",
            $"d: {{ network: lan, kind: tap, netns: {_b.Name}, interface: eth1, address: 10.8.0.9/24 }}",
            $"e: {{ network: wan, kind: tap, netns: {_c.Name}, interface: eth1, address: 10.10.0.9/24, gateway: 10.10.0.1 }}",
        ];
        if (random is null)
            return File(1);
        string[] others = ["one", "lab", "lan", "wan", "two", "three"];
        networks.Add($"two: {{ mode: internal{Chance(", mtu: 1400")}{Chance(", ageing: 20s")} }}");
        networks.Add(random.Next(2) == 0 ? "three: { mode: internal, subnet: 10.7.0.0/24, dhcp: {} }"
            : $"three: {{ mode: host-only, subnet: 10.7.{random.Next(2)}.0/24 }}");
        for (var i = 0; i < Others; i++)
        {
            if (random.Next(4) > 0)
                ports.Add($"p{i}: {{ network: {others[random.Next(others.Length)]}, kind: {(random.Next(3) == 0 ? "guest" : "tap")}"
                    + $"{Chance(", interface: t" + random.Next(2) + i)}{Chance(", mtu: 1300")}{Chance(", comment: other")}"
                    + $"{Chance(", guard: mac")} }}");
        }
        return File(random.Next(1, 4));

        string Chance(string key) => random.Next(4) == 0 ? key : "";

        string File(int workers) => $"workers: {workers}\nnetworks:\n{Lines(networks)}\nports:\n{Lines(ports)}\n";

        static string Lines(List<string> lines) => string.Join('\n', lines.Select(line => $"  {line}"));
    }
}
