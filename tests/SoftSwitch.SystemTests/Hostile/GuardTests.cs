using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;
using SoftSwitch.Tests.Forwarding;

namespace SoftSwitch.SystemTests.Hostile;

/// <summary>Guests with <c>guard: on</c>: none passes for another, and all that is their own goes on.</summary>
public sealed class GuardTests : IDisposable
{
    private readonly NetNs _thief = new("thief"), _victim = new("victim"), _other = new("other");
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-guard-").FullName;

    public void Dispose()
    {
        _thief.Dispose();
        _victim.Dispose();
        _other.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Tricks_that_reach_a_victim_without_guards_reach_none_with_them()
    {
        Need.Tun();
        Need.RealRoot("frames that the test itself sends");
        // What the kernels here say by themselves would count as well.
        foreach (var ns in new[] { _thief, _victim, _other })
            ns.Exec("sh", ["-c", "for f in all default; do echo 1 > /proc/sys/net/ipv6/conf/$f/disable_ipv6; done"]).Succeeded();
        using (var unguarded = SoftSwitchProcess.Start(Config("off")))
        {
            Ping.Wait(_other, GuardedFrames.Victim);
            using var injector = Injector.Interface(_thief, "eth0");
            // What two stations dispute about is refused without guards, too.
            Assert.InRange(Heard(injector, out var sent), 20, sent);
            unguarded.Terminate();
        }
        using var started = SoftSwitchProcess.Start(Config("on"));
        Ping.Wait(_other, GuardedFrames.Victim);
        using (var injector = Injector.Interface(_thief, "eth0"))
            Assert.Equal(1, Heard(injector, out _));
        Assert.True(Ping.Reaches(_thief, GuardedFrames.Victim));
        Assert.Equal(["guard-ip", "guard-mac", "guard-server"], started.Items("drops")
            .Where(drop => drop.GetProperty("port").GetString() == "thief").Select(drop => drop.GetProperty("reason").GetString()!)
            .Where(reason => reason.StartsWith("guard-", StringComparison.Ordinal)).Distinct().Order());
        var offence = GuardedFrames.Tricks["UDP from the victim"].Frame;
        using (var injector = Injector.Interface(_thief, "eth0"))
        {
            Eventually.Holds(() =>
            {
                injector.Send(offence, default);
                return Reason(started, "thief").Contains(
                    $"speaks as {GuardedFrames.Victim}, and its guard lets it be {GuardedFrames.Own} alone", StringComparison.Ordinal);
            });
        }
        started.Terminate();
    }

    /// <summary>How much of all tricks, and of one honest word behind them, the victim's kernel gets.</summary>
    /// <param name="sent">What the thief's kernel took.</param>
    private int Heard(Injector injector, out int sent)
    {
        var before = (Victim: Packets(), Sent: injector.Taken);
        foreach (var (frame, offload) in GuardedFrames.Tricks.Values)
            injector.Send(frame, offload);
        var (honest, none) = GuardedFrames.Honest["ARP: a question"];
        injector.Send(honest, none);
        Eventually.Holds(() => Packets() > before.Victim);
        Thread.Sleep(300);
        sent = (int)(injector.Taken - before.Sent);
        return Packets() - before.Victim;
    }

    private int Packets() => int.Parse(_victim.Check("cat /sys/class/net/eth0/statistics/rx_packets"),
        System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Who_boots_by_DHCP_has_what_it_was_lent_and_nothing_else()
    {
        Need.Tun();
        using var world = new World();
        using var started = SoftSwitchProcess.Start($$"""
            state: {{_folder}}
            networks:
              dev: { mode: nat, guard: on, subnet: {{World.Inside}} }
            ports:
              one: { network: dev, kind: tap, netns: "{{world.One.Name}}", interface: eth0 }
              two: { network: dev, kind: veth, netns: "{{world.Two.Name}}", interface: eth0, address: auto }
            """, world.Host);
        // Before it has asked, nothing is its own.
        world.One.Address("eth0", "10.10.0.99/24");
        world.One.Check($"ip route add default via {World.Gateway}");
        Assert.False(Ping.Reaches(world.One, World.FarAddress, count: 1));
        Eventually.Holds(() => Reason(started, "one").Contains("speaks as 10.10.0.99, and it has no address by the file or by DHCP now",
            StringComparison.Ordinal));
        world.One.Check("ip addr flush dev eth0");
        using var client = DhcpClient.Start(world.One, _folder);
        var own = client.WaitForAddress();
        Ping.Wait(world.One, World.FarAddress);
        Eventually.Holds(() => world.Two.Check("ip -4 -o addr show dev eth0").Contains("inet ", StringComparison.Ordinal));
        Assert.True(Ping.Reaches(world.Two, World.FarAddress));
        Assert.True(Ping.Reaches(world.Two, own));
        client.Renew();
        Assert.True(Ping.Reaches(world.One, World.FarAddress));
        // Another address beside it isn't its own, and another MAC address isn't either.
        world.One.Address("eth0", "10.10.0.99/24");
        Assert.NotEqual(0, world.One.Run($"ping -c 1 -W 1 -I 10.10.0.99 {World.Gateway}").ExitStatus);
        world.One.Check("ip link set dev eth0 address 52:54:00:12:34:56");
        Assert.False(Ping.Reaches(world.One, World.Gateway, count: 1));
        Eventually.Holds(() => Reason(started, "one").Contains("speaks as 52:54:00:12:34:56, and its guard lets it be",
            StringComparison.Ordinal));
        started.Terminate();
    }

    private static string Reason(SoftSwitchProcess started, string port) => started.Items("ports")
        .First(one => one.GetProperty("name").GetString() == port) is var found && found.TryGetProperty("reason", out var reason)
            ? reason.GetString() ?? "" : "";

    private string Config(string guard) => $$"""
        networks:
          lab: { mode: internal }
        ports:
          thief: { network: lab, kind: tap, netns: "{{_thief.Name}}", interface: eth0, guard: {{guard}},
            address: {{GuardedFrames.Own}}/24, mac: "{{new MacAddress(Stations.Mac(1))}}" }
          victim: { network: lab, kind: tap, netns: "{{_victim.Name}}", interface: eth0, guard: {{guard}},
            address: {{GuardedFrames.Victim}}/24, mac: "{{new MacAddress(Stations.Mac(2))}}" }
          other: { network: lab, kind: veth, netns: "{{_other.Name}}", interface: eth0, address: 10.10.0.7/24 }
        """;
}
