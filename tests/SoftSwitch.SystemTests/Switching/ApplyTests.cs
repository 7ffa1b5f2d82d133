using System.Net;
using System.Net.Sockets;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.Persistence;
using SoftSwitch.State;
using SoftSwitch.State.Changes;
using SoftSwitch.State.Ports;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Another model is applied to a switch that runs, in a namespace of the test's own: what isn't another isn't touched.</summary>
public sealed class ApplyTests : IDisposable
{
    private const string Two = """
        networks: { one: { mode: internal } }
        ports:
          a: { network: one, kind: tap }
          b: { network: one, kind: tap }
        """;

    private static readonly MacAddress s_station = MacAddress.Parse("02:00:00:00:00:77");

    private readonly RememberedLog _log = new();
    private readonly Sandbox _host = Sandbox.Make();
    private RunningSwitch? _running;

    private RunningSwitch Running => _running!;

    private Links Links => _host.Links;

    [Fact]
    public void What_is_not_another_is_not_opened_anew_while_ports_and_networks_come_and_go()
    {
        Start(Two);
        Say("a");
        Eventually.Holds(() => Heard("a"));
        var (port, member, index, frames) = (Port("a").Port, Port("a").Membership, Links.Find("a")!.Index, Frames("a"));
        var bridge = Running.Look().Networks[0].Bridge;

        Running.Apply(Parse("""
            networks: { two: { mode: internal }, one: { mode: internal, comment: the first } }
            ports:
              c: { network: two, kind: tap }
              a: { network: one, kind: tap }
              d: { network: one, kind: guest }
            """));

        AssertInterfaces(["a", "c", "d", "lo"]);
        Assert.Equal(["a", "c", "d"], Running.Look().Ports.Select(shown => shown.Model.Name).Order());
        Assert.Equal([("two", null), ("one", "the first")], Running.Look().Networks.Select(one => (one.Model.Name, one.Model.Comment)));
        AssertUntouched();
        Say("a");
        Eventually.Holds(() => Frames("a") > frames);

        Running.Apply(Parse(Two));
        AssertInterfaces(["a", "b", "lo"]);
        Assert.Equal("one", Assert.Single(Running.Look().Networks).Model.Name);
        AssertUntouched();

        void AssertUntouched()
        {
            Assert.Same(port, Port("a").Port);
            Assert.Same(member, Port("a").Membership);
            Assert.Same(bridge, Running.Look().Networks.Single(one => one.Model.Name == "one").Bridge);
            Assert.Equal(index, Links.Find("a")!.Index);
            Assert.True(Frames("a") >= frames);
            Assert.True(Heard("a"));
        }
    }

    [Fact]
    public void A_network_is_bound_anew_only_by_a_change_that_touches_it()
    {
        const string first = "a: { network: one, kind: tap, guard: mac }";
        Start($"networks: {{ one: {{ mode: internal }} }}\nports: {{ {first} }}");
        var bridge = Running.Look().Networks[0].Bridge;
        var guards = bridge.Guards;
        Running.Apply(Parse($"networks: {{ zero: {{ mode: internal }}, one: {{ mode: internal }} }}\nports: {{ {first}, "
            + "b: { network: zero, kind: tap, guard: mac } }"));
        Assert.Same(guards, bridge.Guards);
        Running.Apply(Parse($"networks: {{ one: {{ mode: internal }} }}\nports: {{ {first}, "
            + "b: { network: one, kind: tap, guard: mac } }"));
        Assert.Equal(["a", "b"], bridge.Guards.Keys.Order());
    }

    [Fact]
    public void A_port_that_comes_forwards_and_one_that_goes_is_forgotten()
    {
        Start("networks: { one: { mode: internal } }\nports: { a: { network: one, kind: tap } }");
        Running.Apply(Parse(Two));
        Eventually.Holds(() => Port("b").Status == PortStatus.Up);
        Say("b");
        Eventually.Holds(() => Heard("b") && OutFrames("a") > 0);
        Running.Apply(Parse("networks: { one: { mode: internal } }\nports: { a: { network: one, kind: tap } }"));
        Assert.Equal(0, Fdb.Lookup(s_station.Value, Now));
    }

    [Fact]
    public void Where_one_thing_is_refused_nothing_is_applied()
    {
        Start(Two);
        var (before, names) = (Running.Look(), Links.List().Select(link => link.Name).ToList());
        var refusal = Assert.Throws<ChangeRefusedException>(() => Running.Apply(Parse("""
            networks: { one: { mode: internal, ageing: 10s }, two: { mode: host-only, subnet: 10.1.0.0/24 } }
            ports:
              b: { network: one, kind: tap, comment: changed }
              c: { network: two, kind: tap }
              d: { network: two, kind: nic, interface: no-such }
            """)));
        Assert.StartsWith("port d: ", Assert.Single(refusal.Obstacles), StringComparison.Ordinal);
        Assert.Contains("no-such", refusal.Message, StringComparison.Ordinal);
        AssertInterfaces(names);
        AssertRuns(before);

        refusal = Assert.Throws<ChangeRefusedException>(() => Running.Apply(Parse("""
            state: /srv/switch
            networks: { one: { mode: internal }, out: { mode: nat, subnet: 10.9.0.0/24 } }
            ports: { b: { network: one, kind: guest }, c: { network: one, kind: tap } }
            """)));
        Assert.Equal(
            ["state: left out → /srv/switch: it takes a new start of the switch", "network out: it is new and of mode nat"],
            refusal.Obstacles);
        AssertInterfaces(names);
        AssertRuns(before);
    }

    [Fact]
    public void Networks_with_ports_of_their_own_come_and_go_with_them()
    {
        Links.CreateVethPair("nic", null, "far", null);
        Array.ForEach(["nic", "far"], name => Links.SetUp(Links.Find(name)!.Index));
        Start(Two);
        Running.Apply(Parse("""
            networks:
              one: { mode: internal }
              lab: { mode: host-only, subnet: 10.1.0.0/24 }
              lan: { mode: bridged, uplink: nic }
            ports:
              a: { network: one, kind: tap }
              b: { network: one, kind: tap }
              vm: { network: lan, kind: guest }
            """));
        var index = Links.Find("ss-lab")!.Index;
        Assert.Equal(new Ipv4Address(0x0A010001), Assert.Single(Links.Addresses(), one => one.Interface == index).Address);
        Assert.Equal(["a", "b", "nic", "sh-nic", "ss-lab", "vm"], Running.Look().Ports.Select(port => port.Model.Name).Order());
        var (a, b) = (Port("a").Port, Port("b").Port);

        Running.Apply(Parse(Two));
        AssertInterfaces(["a", "b", "far", "lo", "nic"]);
        Assert.Equal(["a", "b"], Running.Look().Ports.Select(port => port.Model.Name).Order());
        Assert.Equal((a, b), (Port("a").Port, Port("b").Port));
    }

    [Fact]
    public void The_hosts_port_knows_beforehand_who_is_a_guest_now()
    {
        Need.Tool("nft");
        const string file = """
            networks: { lan: { mode: bridged, uplink: nic } }
            ports: { GUEST: { network: lan, kind: guest, mac: "MAC" } }
            """;
        const string one = "52:54:00:00:00:01", other = "52:54:00:00:00:02";
        Links.CreateVethPair("nic", null, "far", null);
        Array.ForEach(["nic", "far"], name => Links.SetUp(Links.Find(name)!.Index));
        Start(file.Replace("GUEST", "one", StringComparison.Ordinal).Replace("MAC", one, StringComparison.Ordinal));
        Assert.Contains(one, Rules(), StringComparison.Ordinal);
        Running.Apply(Parse(file.Replace("GUEST", "other", StringComparison.Ordinal).Replace("MAC", other, StringComparison.Ordinal)));
        Assert.Contains(other, Rules(), StringComparison.Ordinal);
        // With another MTU the helper is made anew.
        Links.SetMtu(Links.Find("nic")!.Index, 1400);
        Eventually.Holds(() => Rules() is var rules && rules.Contains(other, StringComparison.Ordinal)
            && !rules.Contains(one, StringComparison.Ordinal));

        string Rules() => _host.Namespace.Run(() => Shell.RunAsCaller("nft", ["list", "ruleset"]).Succeeded().Output);
    }

    [Fact]
    public void What_a_mode_has_brought_is_taken_by_nobody_else()
    {
        Links.CreateVethPair("nic", null, "far", null);
        Array.ForEach(["nic", "far"], name => Links.SetUp(Links.Find(name)!.Index));
        const string lan = """
            networks: { lan: { mode: bridged, uplink: nic }, lab: { mode: host-only, subnet: 10.1.0.0/24 } }
            ports: { a: { network: lan, kind: tap } }
            """;
        Start(lan);
        var (before, names) = (Running.Look(), Links.List().Select(link => link.Name).ToList());
        var refusal = Assert.Throws<ChangeRefusedException>(() => Running.Apply(Parse("""
            networks: { lan: { mode: bridged, uplink: nic } }
            ports:
              a: { network: lan, kind: tap }
              sh-nic: { network: lan, kind: nic, interface: far }
              t: { network: lan, kind: tap, interface: ss-lab }
            """)));
        Assert.Equal(
            [
                "port sh-nic: its name is that of a port of network lan, which keeps it: give it another",
            ],
            refusal.Obstacles);
        AssertInterfaces(names);
        AssertRuns(before);
        // What goes makes room.
        Running.Apply(Parse("""
            networks: { lan: { mode: bridged, uplink: nic } }
            ports:
              a: { network: lan, kind: tap }
              t: { network: lan, kind: tap, interface: ss-lab }
            """));
        Assert.Equal(["a", "nic", "sh-nic", "t"], Running.Look().Ports.Select(port => port.Model.Name).Order());
    }

    [Fact]
    public void A_shorter_ageing_counts_at_once_for_stations_that_are_known()
    {
        Start(Two);
        Say("a");
        Eventually.Holds(() => Heard("a"));
        var later = new Instant(Now.Milliseconds + 30_000);
        Assert.NotEqual(0, Fdb.Lookup(s_station.Value, later));
        Running.Apply(Parse(Two.Replace("mode: internal", "mode: internal, ageing: 10s", StringComparison.Ordinal)));
        Assert.Equal(0, Fdb.Lookup(s_station.Value, later));
        Assert.NotEqual(0, Fdb.Lookup(s_station.Value, Now));
    }

    [Fact]
    public void A_right_that_was_given_up_is_told_and_nothing_is_tried()
    {
        Sandbox.NeedsRoot();
        _host.Namespace.Run(() =>
        {
            Capabilities.KeepOnly(Capability.NetAdmin, Capability.NetRaw);
            StartHere(Two);
        });
        var refusal = Assert.Throws<ChangeRefusedException>(() => Running.Apply(Parse(Two + """

              c: { network: one, kind: tap }
              d: { network: one, kind: veth, netns: nobody }
            """)));
        Assert.Equal(["port d: it takes CAP_SYS_ADMIN, a right that was given up at the start"], refusal.Obstacles);
        Assert.Null(Links.Find("c"));
        // What takes no more than was kept is possible.
        Running.Apply(Parse(Two + "\n  c: { network: one, kind: tap }"));
        Assert.NotNull(Links.Find("c"));
    }

    [Fact]
    public void A_network_is_translated_otherwise_while_its_flows_live()
    {
        const string file = """
            networks:
              dev: { mode: nat, subnet: 10.1.0.0/24, outside: { interface: nic, address: 192.0.2.10/24, gateway: 192.0.2.1 } }
              one: { mode: internal }
            ports:
              g: { network: dev, kind: tap, netns: GUEST, address: 10.1.0.5/24 }
            """;
        using var guest = Sandbox.Make();
        Links.CreateVethPair("nic", null, "far", null);
        Array.ForEach(["nic", "far"], name => Links.SetUp(Links.Find(name)!.Index));
        Links.AddAddress(Links.Find("far")!.Index, new Ipv4Address(0xC0000201), 24);
        var text = file.Replace("GUEST", $"/proc/self/fd/{guest.Namespace.Fd}", StringComparison.Ordinal);
        Start(text);
        Eventually.Holds(() => Port("g").Status == PortStatus.Up);
        guest.Links.AddDefaultRoute(new Ipv4Address(0x0A010001));
        var translator = Assert.Single(Running.Look().Outsides).Translators[0];
        Ask(guest, 1);
        Eventually.Holds(() => translator.Counters.Flows == 1);

        var (port, gateway) = (Port("g").Port, Running.Look().Networks[0].Gateway);
        Running.Apply(Parse(text.Replace("mode: nat", "mode: nat, flows-per-guest: 3, comment: narrow", StringComparison.Ordinal)));
        Assert.Same(translator, Assert.Single(Running.Look().Outsides).Translators[0]);
        Assert.Same(gateway, Running.Look().Networks[0].Gateway);
        Assert.Same(port, Port("g").Port);
        Assert.Equal(1, translator.Counters.Flows);
        Ask(guest, 20);
        Eventually.Holds(() => translator.Counters.GivenUp > 0);
        Assert.InRange(translator.Counters.Flows, 1, 3);
    }

    public void Dispose()
    {
        _running?.Dispose();
        _host.Dispose();
    }

    private static Instant Now => new(Environment.TickCount64);

    private Fdb Fdb => Running.Look().Networks.Single(network => network.Model.Name == "one").Bridge.Fdb;

    /// <summary>Its threads are born in the namespace.</summary>
    private void Start(string text)
    {
        Sandbox.NeedsTun();
        _host.Namespace.Run(() => StartHere(text));
    }

    private void StartHere(string text)
    {
        _running = RunningSwitch.Start(
            Parse(text), isStrict: true, StationMacs.OfNames, AddressMemory.None, LeaseMemory.None, OutsideLeaseMemory.None, _log);
        foreach (var name in Running.Ports.All.Select(port => port.Model.Name).Where(name => Links.Find(name) is not null))
            Links.SetUp(Links.Find(name)!.Index);
    }

    private PortState Port(string name) => Running.Ports.All.Single(port => port.Model.Name == name);

    private long Frames(string port) => Running.Look().Ports.Single(one => one.Model.Name == port).Counters().InFrames;

    private long OutFrames(string port) => Running.Look().Ports.Single(one => one.Model.Name == port).Counters().OutFrames;

    private bool Heard(string port) => Fdb.Lookup(s_station.Value, Now) is var slot and not 0 && slot == Port(port).Membership!.Slot;

    /// <summary>The interfaces that there are. A program that a test beside this one starts holds our descriptors for a moment, between its
    /// fork and its execution, and with them the taps that were just given back.</summary>
    private void AssertInterfaces(IEnumerable<string> names) =>
        Eventually.Equal(string.Join(' ', names.Order()), () => string.Join(' ', Links.List().Select(link => link.Name).Order()));

    private void AssertRuns(SwitchSnapshot before)
    {
        var now = Running.Look();
        Assert.Same(before.Model, now.Model);
        Assert.Equal(before.Networks, now.Networks);
        Assert.Equal(before.Ports.Select(port => (port.Model, port.Slot)), now.Ports.Select(port => (port.Model, port.Slot)));
    }

    /// <summary>A station speaks to everybody from the interface behind a port.</summary>
    private void Say(string port)
    {
        Links.SetUp(Links.Find(port)!.Index);
        using var socket = _host.Namespace.Run(() => new PacketSocket(Links.Find(port)!.Index, mark: 0));
        var frame = new byte[60];
        frame.AsSpan(0, 6).Fill(0xFF);
        s_station.Write(frame.AsSpan(6));
        (frame[12], frame[13]) = (0x88, 0xB5);
        socket.Send(frame);
    }

    /// <summary>So many questions to somebody outside who answers none.</summary>
    private static void Ask(Sandbox guest, int count) => guest.Namespace.Run(() =>
    {
        for (var i = 0; i < count; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SendTo(new byte[8], new IPEndPoint(IPAddress.Parse("192.0.2.1"), 7000 + i));
        }
    });

    private static SwitchModel Parse(string text)
    {
        var read = ConfigFile.Parse("test", text);
        Assert.True(read.Ok, string.Join('\n', read.Mistakes));
        return read.Model;
    }
}
