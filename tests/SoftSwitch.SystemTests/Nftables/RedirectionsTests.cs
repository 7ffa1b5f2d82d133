using SoftSwitch.Linux.Nftables;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nftables;

/// <summary>Which ports rules send elsewhere, in the words of those who write them: nft, iptables, containers, clusters.</summary>
public class RedirectionsTests
{
    private static readonly TransportPorts[] s_ports = [new(IpProtocol.Tcp, 20_000, 20_100), new(IpProtocol.Udp, 20_000, 20_100)];

    /// <summary>A chain named pre, before packets are routed, with some rules, what else the table has, and what goes elsewhere.</summary>
    public static TheoryData<string, string, string> Rules => new()
    {
        { "tcp dport 20005 dnat to 172.17.0.2:80", "", "tcp/20005" },
        { "tcp dport 20005-20007 redirect to :80", "", "tcp/20005-20007" },
        { "meta l4proto { tcp, udp } th dport 20005 dnat to 172.17.0.2", "", "tcp/20005 udp/20005" },
        { "tcp dport { 20001, 20003, 20090-20200 } dnat to 172.17.0.2", "", "tcp/20001 tcp/20003 tcp/20090-20100" },
        { "udp dport != 20000-20099 dnat to 172.17.0.2", "", "udp/20100" },
        { "tcp dport > 20098 dnat to 172.17.0.2", "", "tcp/20099-20100" },
        { "tcp dport 80 dnat to 172.17.0.2", "", "" },
        { "tcp dport 20005 accept", "", "" },
        { "iifname \"eth1\" tcp dport 20005 dnat to 172.17.0.2", "", "" },
        { "iifname != \"docker0\" tcp dport 20005 dnat to 172.17.0.2", "", "tcp/20005" },
        { "iifname \"eth*\" tcp dport 20005 dnat to 172.17.0.2", "", "tcp/20005" },
        { "iifname { \"docker0\", \"virbr0\" } tcp dport 20005 dnat to 172.17.0.2", "", "" },
        { "ip daddr 10.96.0.0/12 tcp dport 20005 dnat to 172.17.0.2", "", "" },
        { "ip daddr 192.0.2.0/24 tcp dport 20005 dnat to 172.17.0.2", "", "tcp/20005" },
        { "ip daddr != 192.0.2.1 tcp dport 20005 dnat to 172.17.0.2", "", "" },
        { "ip saddr 203.0.113.0/24 tcp dport 20005 dnat to 172.17.0.2", "", "tcp/20005" },
        { "fib daddr type local ct state new counter tcp dport 20005 dnat to 172.17.0.2", "", "tcp/20005" },
        { "tcp dport 20010-20020 jump deep", "chain deep { tcp dport 20015-20030 goto deeper; }; chain deeper { dnat to 172.17.0.2; }",
            "tcp/20015-20020" },
        { "dnat to tcp dport map { 20005 : 172.17.0.2, 20009 : 172.17.0.3 }", "", "tcp/20005 tcp/20009" },
        { "tcp dport vmap { 20005 : jump deep, 20006 : accept }", "chain deep { dnat to 172.17.0.2; }", "tcp/20005" },
        { "ip daddr . meta l4proto . th dport vmap @services",
            "map services { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 192.0.2.1 . tcp . 20005 : goto deep, "
            + "10.96.0.1 . tcp . 20006 : goto deep, 192.0.2.1 . udp . 20007 : goto deep } }; chain deep { dnat to 172.17.0.2; }",
            "tcp/20005 udp/20007" },
        { "tcp dport @published dnat to 172.17.0.2",
            "set published { type inet_service; flags interval; elements = { 20005-20006, 20100 } }", "tcp/20005-20006 tcp/20100" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void What_a_rule_sends_elsewhere_is_found(string rule, string others, string expected)
    {
        Need.Tool("nft");
        using var sandbox = Sandbox.Make();
        using var redirections = new Redirections(sandbox.Namespace);
        Assert.Empty(Find(redirections)!);
        foreach (var family in new[] { "ip", "inet" })
        {
            var to = family == "inet" ? rule.Replace("dnat to", "dnat ip to") : rule;
            var rest = family == "inet" ? others.Replace("dnat to", "dnat ip to") : others;
            Nft(sandbox, $"table {family} t {{ {Ordered(rest)}\n chain pre {{ type nat hook prerouting priority dstnat; {to}; }}\n }}");
            Assert.Equal(expected, string.Join(' ', Find(redirections)!.Select(one => one.Ports.ToString()).Order()));
            Assert.Null(Find(redirections));
            Nft(sandbox, $"delete table {family} t");
            Assert.Empty(Find(redirections)!);
        }
    }

    [Fact]
    public void What_iptables_has_written_is_found_with_its_chain()
    {
        Need.Tool("iptables-nft-restore");
        using var sandbox = Sandbox.Make();
        using var redirections = new Redirections(sandbox.Namespace);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """
                *nat
                :DOCKER - [0:0]
                -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
                -A DOCKER -i docker0 -j RETURN
                -A DOCKER ! -i docker0 -p tcp -m tcp --dport 20005 -j DNAT --to-destination 172.17.0.2:80
                -A DOCKER ! -i docker0 -p udp -m multiport --dports 20007,20010:20012 -j REDIRECT --to-ports 53
                -A DOCKER -i docker0 -p tcp -m tcp --dport 20006 -j DNAT --to-destination 172.17.0.2:80
                -A DOCKER -d 10.96.0.1/32 -p tcp -m tcp --dport 20008 -j DNAT --to-destination 172.17.0.2:80
                COMMIT

                """);
            sandbox.Namespace.Run(() => Shell.RunAsCaller("iptables-nft-restore", [file]).Succeeded());
        }
        finally
        {
            File.Delete(file);
        }
        var found = Find(redirections)!;
        Assert.Equal("tcp/20005 udp/20007 udp/20010-20012", string.Join(' ', found.Select(one => one.Ports.ToString()).Order()));
        Assert.All(found, one => Assert.Equal("table ip nat, chain DOCKER", one.Where));
    }

    private static IReadOnlyList<RedirectedPorts>? Find(Redirections redirections) =>
        redirections.Poll(Ipv4Address.Parse("192.0.2.1"), "eth0", 7, s_ports);

    /// <summary>A chain stands before those that lead to it.</summary>
    private static string Ordered(string others) =>
        string.Join('\n', others.Replace("; chain ", "|chain ").Split('|').Reverse());

    private static void Nft(Sandbox sandbox, string words) =>
        sandbox.Namespace.Run(() => Shell.RunAsCaller("nft", [words]).Succeeded());
}
