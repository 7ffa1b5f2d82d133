using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What others do to the firewall of the host while guests talk: containers that publish ports of the pool, with Docker's rules
/// as they are, and whoever throws all rules away.</summary>
public sealed class HostFirewallTests : IDisposable
{
    private const int First = 20_000, Ports = 64;

    private readonly World _world = new();
    private readonly NetNs _box = new("box");
    private readonly WhoServer _server, _container;

    public HostFirewallTests()
    {
        _world.Host.Veth("docker0", _box, "eth0");
        _world.Host.Address("docker0", "172.17.0.1/16");
        _box.Address("eth0", "172.17.0.2/16");
        _box.Check("ip route add default via 172.17.0.1");
        _world.Host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]).Succeeded();
        (_server, _container) = (new(_world.Far, 4000, World.FarAddress), new(_box, 80));
    }

    public void Dispose()
    {
        _server.Dispose();
        _container.Dispose();
        _box.Dispose();
        _world.Dispose();
    }

    [Fact]
    public void No_connection_is_lost_and_what_a_container_publishes_is_no_guests()
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: { ports: {{First}}-{{First + Ports - 1}} },
                     forwards: [{ from: tcp/2222, to: "{{World.OneAddress}}:22" }] }
            {{_world.Ports}}
            """);
        List<Conversation> open = [];
        try
        {
            var ports = Open(_world.One, 30, open);
            var (held, free) = (ports[0], Enumerable.Range(First, Ports).Except(ports).First());
            Restore(held, free, 2222);
            started.WaitForLine($"(table ip nat, chain DOCKER) sends tcp/{free} elsewhere: guests are given other ports");
            started.WaitForLine($"sends tcp/{held} elsewhere");
            started.WaitForLine("sends tcp/2222 elsewhere: clients outside get there");
            Assert.All(open, conversation => Assert.StartsWith($"{World.HostAddress}:", conversation.Ask()));
            foreach (var published in new[] { free, 2222 })
                Assert.StartsWith($"{World.FarAddress}:", Conversation.Seen(_world.Far, "tcp", World.HostAddress, published));
            Assert.DoesNotContain(free, Open(_world.Two, 20, open));

            _world.Host.Check("nft flush ruleset");
            // All three in one moment: which of them the log writes out isn't said.
            started.WaitForLine("no rule of the host's firewall (table ip nat, chain DOCKER) sends tcp/");
            Assert.All(open, conversation => Assert.StartsWith($"{World.HostAddress}:", conversation.Ask()));
        }
        finally
        {
            open.ForEach(conversation => conversation.Dispose());
        }
        started.Kill();
        Eventually.Holds(() => !MachineState.Of(_world.Host).Contains("softswitch"));
    }

    /// <summary>Opens connections; the ports that they have outside.</summary>
    private static List<int> Open(NetNs guest, int count, List<Conversation> open)
    {
        var opened = Enumerable.Range(0, count).Select(_ => Conversation.Open(guest, "tcp", World.FarAddress, 4000)).ToList();
        open.AddRange(opened);
        return opened.ConvertAll(conversation => int.Parse(conversation.Ask()!.Split(':')[1]));
    }

    /// <summary>Docker's own rules, with these ports published.</summary>
    private void Restore(params IEnumerable<int> published)
    {
        Need.Tool("iptables-nft-restore");
        var rules = Path.GetTempFileName();
        try
        {
            File.WriteAllText(rules, $"""
                *nat
                :PREROUTING ACCEPT [0:0]
                :POSTROUTING ACCEPT [0:0]
                :OUTPUT ACCEPT [0:0]
                :DOCKER - [0:0]
                -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
                -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
                -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
                -A DOCKER -i docker0 -j RETURN
                {string.Join('\n', published.Select(port =>
                    $"-A DOCKER ! -i docker0 -p tcp -m tcp --dport {port} -j DNAT --to-destination 172.17.0.2:80"))}
                COMMIT
                *filter
                :INPUT ACCEPT [0:0]
                :FORWARD DROP [0:0]
                :OUTPUT ACCEPT [0:0]
                :DOCKER - [0:0]
                :DOCKER-ISOLATION-STAGE-1 - [0:0]
                :DOCKER-ISOLATION-STAGE-2 - [0:0]
                :DOCKER-USER - [0:0]
                -A FORWARD -j DOCKER-USER
                -A FORWARD -j DOCKER-ISOLATION-STAGE-1
                -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
                -A FORWARD -o docker0 -j DOCKER
                -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
                -A FORWARD -i docker0 -o docker0 -j ACCEPT
                -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
                -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
                -A DOCKER-ISOLATION-STAGE-1 -j RETURN
                -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
                -A DOCKER-ISOLATION-STAGE-2 -j RETURN
                -A DOCKER-USER -j RETURN
                COMMIT

                """);
            _world.Host.Check($"iptables-nft-restore {rules}");
        }
        finally
        {
            File.Delete(rules);
        }
    }
}
