using SoftSwitch.Config;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Model;
using SoftSwitch.State.Changes;

namespace SoftSwitch.Tests.State;

/// <summary>What is different between two files, in lines for people, and what of it takes a new start.</summary>
public class ModelDifferenceTests
{
    private const string Before = """
        networks:
          dev: { mode: internal }
          old: { mode: internal }
          out: { mode: nat, subnet: 10.20.0.0/24, forwards: [{ from: tcp/80, to: 10.20.0.5 }] }
        ports:
          a: { network: dev, kind: tap }
          b: { network: dev, kind: tap, comment: the second }
          c: { network: dev, kind: tap }
          d: { network: old, kind: veth, netns: box }
        """;

    [Theory]
    [InlineData("dhcp: { lease: 1h }", "dhcp: { lease: 2h }", "dhcp.lease: 3600s → 7200s")]
    [InlineData("dhcp: { lease: 1h }", "dhcp: off", "dhcp: { lease: 3600s } → off")]
    [InlineData("dhcp: { search: [a] }", "dhcp: { search: [a, b] }", "dhcp.search: [a] → [a, b]")]
    [InlineData("ageing: 60s", "forwards: [{ from: tcp/80, to: 10.20.0.5 }]",
        "ageing: 60s → 300s, forwards: + { from: tcp/80, to: 10.20.0.5 }")]
    [InlineData("forwards: [{ from: tcp/80, to: 10.20.0.5 }, { from: tcp/81, to: 10.20.0.5 }]",
        "forwards: [{ from: tcp/81, to: 10.20.0.5 }, { from: tcp/80, to: 10.20.0.5 }]",
        "forwards: [{ from: tcp/80, to: 10.20.0.5 }, { from: tcp/81, to: 10.20.0.5 }] → "
            + "[{ from: tcp/81, to: 10.20.0.5 }, { from: tcp/80, to: 10.20.0.5 }]")]
    public void Of_much_in_a_key_what_differs_is_told(string before, string after, string line) => Assert.Equal(
        [$"~ network out: {line}"], ModelDifference.Between(Of(before), Of(after)).Lines);

    private static SwitchModel Of(string keys) => Parse($"networks: {{ out: {{ mode: nat, subnet: 10.20.0.0/24, {keys} }} }}");

    [Fact]
    public void Against_nothing_everything_is_new() => Assert.Equal(
        [
            "+ network dev (internal)", "+ network old (internal)", "+ network out (nat)",
            "+ port a (tap in network dev)", "+ port b (tap in network dev)", "+ port c (tap in network dev)",
            "+ port d (veth in network old)",
        ],
        ModelDifference.Between(null, Parse(Before)).Lines);

    [Fact]
    public void Against_itself_nothing_is_different_in_whatever_order_it_stands()
    {
        var model = Parse(Before);
        Assert.Empty(ModelDifference.Between(model, Parse(Before)).Lines);
        Assert.Empty(ModelDifference.Between(model, model with { Ports = [.. model.Ports.Reverse()] }).Lines);
    }

    [Fact]
    public void Every_difference_is_a_line_in_the_words_of_the_file()
    {
        const string after = """
            workers: 2
            cpus: [0, 1]
            networks:
              dev: { mode: internal, mtu: 9000, ageing: 1m, comment: "lots of: it" }
              out:
                mode: nat
                subnet: 10.20.0.0/24
                timeouts: { udp: 2m }
                flows-per-guest: 100
                forwards: [{ from: tcp/81, to: 10.20.0.5 }]
              lab: { mode: host-only, subnet: 10.30.0.0/24 }
            ports:
              a: { network: lab, kind: tap }
              b: { network: dev, kind: tap, mtu: 1400 }
              c: { network: dev, kind: guest }
              e: { network: lab, kind: tap, netns: box }
            """;
        Assert.Equal(
            [
                "- port d (veth in network old)",
                "- network old (internal)",
                "~ workers: 1 → 2",
                "~ cpus: left out → [0, 1]",
                """~ network dev: mtu: 1500 → 9000, comment: left out → "lots of: it", ageing: 300s → 60s""",
                "~ network out: timeouts: left out → { udp: 120s }, flows-per-guest: 65536 → 100, "
                    + "forwards: - { from: tcp/80, to: 10.20.0.5 }, + { from: tcp/81, to: 10.20.0.5 }",
                "~ port a: network: dev → lab",
                """~ port b: mtu: 1500 → 1400, comment: "the second" → left out""",
                "~ port c: kind: tap → guest (it is opened anew)",
                "+ network lab (host-only)",
                "+ port e (tap in network lab)",
            ],
            ModelDifference.Between(Parse(Before), Parse(after)).Lines);
    }

    [Fact]
    public void An_uplink_that_becomes_another_is_a_difference_of_its_port_too()
    {
        var (before, after) = (Parse("networks: { lan: { mode: bridged, uplink: eth0 } }"), Parse("""
            networks: { lan: { mode: bridged } }
            ports: { eth0: { network: lan, kind: nic } }
            """));
        Assert.Equal(["~ network lan: uplink: eth0 → left out", "~ port eth0: uplink: eth0 → left out (it is opened anew)"],
            ModelDifference.Between(before, after).Lines);
    }

    [Fact]
    public void What_lives_on_with_a_new_value_is_no_obstacle()
    {
        const string after = """
            networks:
              dev: { mode: internal, ageing: 1m, comment: first, control-frames: forward }
              out:
                mode: nat
                subnet: 10.20.0.0/24
                filtering: endpoint
                timeouts: { udp: 2m }
                flows-per-guest: 100
                ports-per-guest: 10
                comment: second
                forwards: [{ from: tcp/80, to: 10.20.0.5 }]
              lab: { mode: host-only, subnet: 10.30.0.0/24 }
            ports:
              a: { network: dev, kind: tap }
              b: { network: dev, kind: tap, comment: third, flood-limit: 100 }
              e: { network: lab, kind: tap }
            """;
        Assert.Empty(Obstacles(after));
    }

    [Fact]
    public void All_that_takes_a_new_start_is_told_in_one_go()
    {
        const string after = """
            state: /srv/switch
            workers: 3
            poll: always
            networks:
              dev: { mode: internal, ageing: 1m, mtu: 9000 }
              new: { mode: nat, subnet: 10.40.0.0/24 }
            ports:
              a: { network: new, kind: tap }
              b: { network: dev, kind: tap, comment: third, mtu: 1400 }
              c2: { network: dev, kind: tap, interface: c }
            """;
        Assert.Equal(["state: left out → /srv/switch: it takes a new start of the switch"], Obstacles(after));
    }

    [Fact]
    public void A_right_that_was_given_up_is_told_for_each_port_that_takes_it() => Assert.Equal(
        [
            "port x: it takes CAP_SYS_ADMIN, a right that was given up at the start",
            "port y: it takes CAP_SYS_ADMIN, a right that was given up at the start",
            "port y: it takes CAP_SYS_PTRACE, a right that was given up at the start",
        ],
        Obstacles(Before + """

              w: { network: dev, kind: tap }
              x: { network: dev, kind: veth, netns: box }
              y: { network: dev, kind: tap, netns: "4711" }
            """, Capability.NetAdmin, Capability.NetRaw));

    [Fact]
    public void What_a_mode_has_brought_has_its_name_and_its_interface()
    {
        const string before = """
            networks:
              lan: { mode: bridged, uplink: eth0 }
              old: { mode: host-only, subnet: 10.30.0.0/24 }
            """;
        const string after = """
            networks:
              lan: { mode: bridged, uplink: eth0 }
              new: { mode: host-only, subnet: 10.31.0.0/24, host: { interface: ss-old } }
            ports:
              sh-eth0: { network: lan, kind: nic, interface: eth1 }
              x: { network: lan, kind: tap, interface: sh-eth0 }
              ss-old: { network: lan, kind: nic, interface: eth2 }
              y: { network: lan, kind: tap, interface: ss-old, netns: box }
            """;
        TapModel[] brought = [new() { Name = "sh-eth0", Network = "lan", Interface = "sh-eth0" }];
        Assert.Equal(
            [
                "port sh-eth0: its name is that of a port of network lan, which keeps it: give it another",
                "port x: its interface is that of network lan, which keeps it: give it another",
            ],
            Obstacles(Parse(before), Parse(after), brought, static _ => null));
    }

    private static IReadOnlyList<string> Obstacles(string after, params Capability[] rights) =>
        Obstacles(Parse(Before), Parse(after), [],
            right => rights.Length == 0 || rights.Contains(right) ? null : "a right that was given up at the start");

    private static IReadOnlyList<string> Obstacles(
        SwitchModel before, SwitchModel after, IReadOnlyList<PortModel> brought, Func<Capability, string?> lack)
    {
        var difference = ModelDifference.Between(before, after);
        return WhileRunning.Obstacles(difference, PortPlan.Of(difference, before), brought, lack);
    }

    private static SwitchModel Parse(string text)
    {
        var read = ConfigFile.Parse("test", text);
        Assert.True(read.Ok, string.Join('\n', read.Mistakes));
        return read.Model;
    }
}
