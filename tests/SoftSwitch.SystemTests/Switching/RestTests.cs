using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>
/// A switch at rest looks each second whether all is as it must be, and changes nothing that is. The kernel tells each change to all who
/// listen, also one that changes nothing: to the host's network manager, and to the switch itself, which forgets by it what the host's
/// routing has answered.
/// </summary>
public sealed class RestTests
{
    [Fact]
    public void A_switch_at_rest_changes_nothing_in_the_kernel()
    {
        Need.Tool("nft");
        Need.Tun();
        using var world = new World();
        using var wire = new NetNs("wire");
        world.Host.Veth("cable", wire, "eth0");
        using var started = SoftSwitchProcess.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {},
                     forwards: [{ from: tcp/2222, to: "one:22" }, { from: udp/40000-40999, to: "one" }] }
              lab: { mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab } }
              lan: { mode: bridged, uplink: cable }
            {{world.Ports}}
              vm: { network: lab, kind: guest }
              pod: { network: lab, kind: veth, netns: "{{world.Two.Name}}", interface: eth1, address: 192.168.56.9/24 }
              ht: { network: lan, kind: tap }
            """, world.Host);
        world.TellGuests();
        // Who serves in a wide range is looked for each second.
        using var server = new WhoServer(world.One, 22);
        Eventually.Holds(() => Conversation.Seen(world.Host, "tcp", World.HostAddress, 2222, seconds: 1) is not null);
        using var links = world.Host.Start("ip", "monitor", "link", "address", "route", "rule", "netconf");
        using var neighbors = world.Host.Start("ip", "monitor", "neigh", "dev", "sn-dev");
        using var tables = world.Host.Start("nft", "monitor");
        // That they hear: this is the last thing that they hear of.
        var round = 0;
        Eventually.Holds(() => IsHeard(() => world.Host.Check($"ip link set dev lo mtu {65_000 + round++}"), links, "mtu 6500"));
        Eventually.Holds(() => IsHeard(() => world.Host.Check($"nft add table heard{round++}"), tables, "table ip heard"));
        world.Host.Check("ip neigh replace 169.254.83.254 lladdr 02:00:00:00:00:01 dev sn-dev nud permanent");
        Eventually.Holds(() => neighbors.Output.Any(line => line.Contains("169.254.83.254")));
        Thread.Sleep(1_000);
        BackgroundProcess[] all = [links, neighbors, tables];
        var before = all.Select(one => one.Output.Count).ToArray();
        Thread.Sleep(4_000);
        Assert.Empty(all.SelectMany((one, i) => one.Output.Skip(before[i])));
    }

    private static bool IsHeard(Action change, BackgroundProcess monitor, string name)
    {
        change();
        return monitor.Output.Any(line => line.Contains(name));
    }
}
