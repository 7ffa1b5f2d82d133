using SoftSwitch.Linux.Netlink;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>What the kernel answers for a destination, where iproute2 made the host's routing; and that nothing of it changes
/// unheard.</summary>
public class RouteLookupTests
{
    /// <summary>How a VPN or an administrator says it, and the interface or verdict for 8.8.8.8.</summary>
    public static TheoryData<string, string> Styles => new()
    {
        { "route add default via 198.51.100.254 dev eth1 metric 1", "eth1" },
        { "route add 0.0.0.0/1 dev eth1; route add 128.0.0.0/1 dev eth1", "eth1" },
        { "route add default dev eth1 table 51; rule add table 51", "eth1" },
        { "route add default dev eth1 table 51; rule add not fwmark 51 table 51; rule add table main suppress_prefixlength 0", "eth1" },
        { "route add default dev eth1 table 51; rule add from 192.0.2.1 table 51", "eth0" },
        { "route add default dev eth1 table 51; rule add iif eth0 table 51", "eth0" },
        { "route add 8.8.0.0/16 dev eth1", "eth1" },
        { "route add 9.9.0.0/16 dev eth1", "eth0" },
        { "route add unreachable default metric 1", nameof(RouteVerdict.Unreachable) },
        { "route add unreachable default table 51; rule add table 51", nameof(RouteVerdict.Unreachable) },
        { "route add prohibit 8.8.8.8", nameof(RouteVerdict.Prohibited) },
        { "rule add prohibit", nameof(RouteVerdict.Prohibited) },
        { "route add blackhole 8.8.8.0/24", nameof(RouteVerdict.Blackhole) },
        { "route add throw 8.8.8.0/24 table 51; rule add table 51", "eth0" },
        { "route del default", nameof(RouteVerdict.NoRoute) },
        { "addr add 8.8.8.8/32 dev eth1", nameof(RouteVerdict.Host) },
        { "link set eth0 down", nameof(RouteVerdict.NoRoute) },
    };

    [Theory]
    [MemberData(nameof(Styles))]
    public void The_answer_is_what_the_hosts_own_packets_do_and_the_change_is_heard(string style, string expected)
    {
        using var sandbox = Host();
        using var changes = new RouteChanges(sandbox.Namespace);
        using var lookup = new RouteLookup(sandbox.Namespace);
        Assert.Equal("eth0", Answer(sandbox, lookup));
        Assert.False(changes.Take());
        Array.ForEach(style.Split("; "), command => Ip(sandbox, command));
        Assert.True(changes.Take(), $"{style}: not heard");
        Assert.Equal(expected, Answer(sandbox, lookup));
    }

    [Fact]
    public void The_answer_has_the_router_the_source_and_the_table()
    {
        using var sandbox = Host();
        using var lookup = new RouteLookup(sandbox.Namespace);
        Ip(sandbox, "addr add 192.0.2.77/24 dev eth0");
        Ip(sandbox, "route add 8.8.0.0/16 via 192.0.2.253 src 192.0.2.77 table 77");
        Ip(sandbox, "rule add table 77");
        var answer = lookup.Ask(Ipv4Address.Parse("8.8.8.8"));
        Assert.Equal((RouteVerdict.Out, "192.0.2.253", "192.0.2.77", 77U),
            (answer.Verdict, answer.Gateway.ToString(), answer.Source.ToString(), answer.Table));
        answer = lookup.Ask(Ipv4Address.Parse("192.0.2.9"));
        Assert.Equal((RouteVerdict.Out, null, "192.0.2.1"), (answer.Verdict, answer.Gateway, answer.Source.ToString()));
        Assert.Equal(RouteVerdict.NotForGuests, lookup.Ask(Ipv4Address.Parse("192.0.2.255")).Verdict);
    }

    [Fact]
    public void What_the_kernel_would_wrap_is_not_for_guests_and_a_router_of_IPv6_is_told()
    {
        using var sandbox = Host();
        using var lookup = new RouteLookup(sandbox.Namespace);
        Ip(sandbox, "route add 8.8.8.0/24 encap seg6 mode encap segs fc00::1 via 192.0.2.253");
        Assert.Equal(RouteVerdict.NotForGuests, lookup.Ask(Ipv4Address.Parse("8.8.8.8")).Verdict);
        Assert.Equal(RouteVerdict.Out, lookup.Ask(Ipv4Address.Parse("8.8.9.9")).Verdict);
        Ip(sandbox, "route replace 8.8.8.0/24 via inet6 fe80::1 dev eth0");
        var answer = lookup.Ask(Ipv4Address.Parse("8.8.8.8"));
        Assert.Equal((RouteVerdict.Out, null, Ipv6Address.Parse("fe80::1"), "192.0.2.1"),
            (answer.Verdict, answer.Gateway, answer.Ipv6Gateway, answer.Source.ToString()));
    }

    [Fact]
    public void The_rule_of_a_table_is_told_where_only_one_leads_there()
    {
        using var sandbox = Host();
        using var lookup = new RouteLookup(sandbox.Namespace);
        Assert.Equal("rule 32766, table main", lookup.Rules().Describe(254));
        Ip(sandbox, "rule add priority 51 not fwmark 51820 table 51820");
        Ip(sandbox, "rule add priority 50 table main suppress_prefixlength 0");
        Ip(sandbox, "rule add priority 52 prohibit");
        var rules = lookup.Rules();
        Assert.Equal(("rule 51, table 51820", "table main", "rule 0, table local", "table 9"),
            (rules.Describe(51820), rules.Describe(254), rules.Describe(255), rules.Describe(9)));
    }

    /// <summary>Commands, and why 8.8.8.8 is refused.</summary>
    public static TheoryData<string, string?> Refusals => new()
    {
        { "route add unreachable default metric 1", "rule 32766, table main, unreachable default" },
        { "route add prohibit 8.8.8.8", "rule 32766, table main, prohibit 8.8.8.8/32" },
        { "route add blackhole 8.8.8.0/24 table 51; rule add priority 7 table 51", "rule 7, table 51, blackhole 8.8.8.0/24" },
        { "rule add priority 9 prohibit", "rule 9, prohibit" },
        { "rule add priority 9 to 8.8.0.0/16 unreachable; rule add priority 8 to 9.9.9.9 unreachable", "rule 9, unreachable" },
        { "rule add priority 8 fwmark 5 prohibit; rule add priority 9 not fwmark 5 prohibit", "rule 9, prohibit" },
        { "route add prohibit default table 51; rule add priority 8 table 51 suppress_prefixlength 0; rule add priority 9 prohibit",
            "rule 8, table 51, prohibit default" },
        { "route del default", null },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Who_is_refused_hears_the_rule_and_the_route(string commands, string? expected)
    {
        using var sandbox = Host();
        using var lookup = new RouteLookup(sandbox.Namespace);
        Array.ForEach(commands.Split("; "), command => Ip(sandbox, command));
        var to = Ipv4Address.Parse("8.8.8.8");
        Assert.Equal(expected, lookup.WhyRefused(to, lookup.Ask(to).Verdict));
        // Questions for packets are understood as before.
        Ip(sandbox, "rule add priority 1 to 192.0.2.0/24 table main");
        Assert.Equal(RouteVerdict.Out, lookup.Ask(Ipv4Address.Parse("192.0.2.9"), Ipv4Address.Parse("192.0.2.1")).Verdict);
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("mtu 1280", 1280, 0)]
    [InlineData("mtu lock 1280 advmss 900", 1280, 900)]
    public void The_answer_has_the_metrics_of_the_route(string metrics, int mtu, int segmentSize)
    {
        using var sandbox = Host();
        using var lookup = new RouteLookup(sandbox.Namespace);
        Ip(sandbox, $"route add 8.8.8.0/24 via 192.0.2.253 {metrics}".TrimEnd());
        var answer = lookup.Ask(Ipv4Address.Parse("8.8.8.8"));
        Assert.Equal(((uint)mtu, (uint)segmentSize), (answer.Mtu, answer.SegmentSize));
    }

    [Fact]
    public void More_changes_than_the_kernel_keeps_are_a_change()
    {
        using var sandbox = Host();
        using var changes = new RouteChanges(sandbox.Namespace);
        var batch = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(batch, Enumerable.Range(0, 20_000).Select(i => $"route add 10.{i >> 8}.{i & 255}.0/24 dev eth1"));
            Ip(sandbox, $"-batch {batch}");
        }
        finally
        {
            File.Delete(batch);
        }
        Assert.True(changes.Take());
        while (changes.Take())
        {
        }
        Ip(sandbox, "route del 10.0.0.0/24");
        Assert.True(changes.Take());
    }

    private static string Answer(Sandbox sandbox, RouteLookup lookup)
    {
        var answer = lookup.Ask(Ipv4Address.Parse("8.8.8.8"));
        return answer.Verdict == RouteVerdict.Out ? sandbox.Links.FindByIndex(answer.Interface)!.Name : $"{answer.Verdict}";
    }

    /// <summary>eth0, 192.0.2.1, by which the default route leads, and eth1, 198.51.100.1.</summary>
    private static Sandbox Host()
    {
        Need.Tool("ip");
        var sandbox = Sandbox.Make();
        Ip(sandbox, "link set lo up");
        foreach (var (name, address) in new[] { ("eth0", "192.0.2.1"), ("eth1", "198.51.100.1") })
        {
            // Both ends here: the interface needs only somebody at the other end.
            var index = sandbox.Links.CreateVethPair(name, null, name + "-far", null).Index;
            sandbox.Links.SetUp(sandbox.Links.Find(name + "-far")!.Index);
            sandbox.Links.SetUp(index);
            sandbox.Links.AddAddress(index, Ipv4Address.Parse(address), 24);
        }
        // The kernel tells a moment later that a link has come up; afterwards there is no news but ours.
        Eventually.Holds(() => Ip(sandbox, "-o link show").Split(" state UP ").Length == 5);
        Ip(sandbox, "route add default via 192.0.2.254 dev eth0 metric 100");
        return sandbox;
    }

    private static string Ip(Sandbox sandbox, string words) =>
        sandbox.Namespace.Run(() => Shell.RunAsCaller("ip", words.Split(' ')).Succeeded().Output);
}
