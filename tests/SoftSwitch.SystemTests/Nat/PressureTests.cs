using System.Net.Sockets;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Limits, and what happens at them; what people see of flows.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class PressureTests : IDisposable
{
    private readonly World _world = new();
    private readonly string _log = TemporaryFolder.NewPath(".log");

    public void Dispose()
    {
        _world.Dispose();
        File.Delete(_log);
    }

    [Fact]
    public void When_a_pool_is_full_toward_one_end_its_ports_serve_others_and_new_connections_there_are_told_that_it_is_prohibited()
    {
        using var server = new WhoServer(_world.Far, 4000);
        using var started = Start("outside: { ports: 20000-20007 }");
        using var heard = new Capture(_world.One, "eth0", filter: "icmp");
        var conversations = new List<Conversation>();
        try
        {
            for (var i = 0; i < 12; i++)
            {
                var isRoom = i < 8;
                var conversation = Conversation.Open(i % 2 == 0 ? _world.One : _world.Two, "tcp", World.FarAddress, 4000);
                conversations.Add(conversation);
                Assert.Equal(isRoom, conversation.Ask(1) is not null);
                Assert.Equal(isRoom ? SocketError.Success : SocketError.HostUnreachable, conversation.Error);
            }
            for (var i = 0; i < 6; i++)
            {
                var conversation = Conversation.Open(i % 2 == 0 ? _world.One : _world.Two, "tcp", World.FarOtherAddress, 4000);
                conversations.Insert(0, conversation);
                Assert.NotNull(conversation.Ask());
            }
            Assert.All(conversations.Take(14), conversation => Assert.NotNull(conversation.Ask()));
            Assert.Contains(Tshark.Fields(heard.Stop(), "icmp.type == 3 && icmp.code == 13", "ip.src"),
                row => row[0].StartsWith(World.Gateway));
            var nat = started.Items("networks")[0].GetProperty("nat");
            Assert.True(nat.GetProperty("overlapped").GetInt64() > 0 && nat.GetProperty("refused").GetInt64() > 0, $"{nat}");
        }
        finally
        {
            conversations.ForEach(conversation => conversation.Dispose());
        }
    }

    [Fact]
    public void A_guest_that_opens_a_hundred_thousand_flows_leaves_the_others_unharmed()
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = Start("outside: {}");
        using var tcp = Conversation.Open(_world.Two, "tcp", World.FarAddress, 4000);
        using var udp = Conversation.Open(_world.Two, "udp", World.FarAddress, 4000);
        var (tcpSeen, udpSeen) = (tcp.Ask(), udp.Ask());
        Assert.NotNull(tcpSeen);
        Assert.NotNull(udpSeen);
        Flood.NewFlows(_world.One, 100_000);
        Assert.Equal(tcpSeen, tcp.Ask());
        Assert.Equal(udpSeen, udp.Ask());
        foreach (var protocol in new[] { "tcp", "udp" })
            for (var i = 0; i < 20; i++)
                Assert.NotNull(Conversation.Seen(_world.Two, protocol, World.FarAddress, 4000));
        Ping.Wait(_world.Two, World.FarAddress);
        Assert.Equal(tcpSeen, tcp.Ask());
        var nat = started.Items("networks")[0].GetProperty("nat");
        Assert.True(nat.GetProperty("flows").GetInt64() > 1000, $"{nat}");
        started.Terminate();
    }

    [Theory]
    [InlineData(World.HostAddress)]
    [InlineData(World.OwnAddress)]
    public void Storms_of_resets_errors_and_half_fragments_from_outside_end_no_flow(string outside)
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = Start(outside == World.HostAddress
            ? "outside: {}"
            : $"outside: {{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}");
        using var tcp = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        using var udp = Conversation.Open(_world.One, "udp", World.FarAddress, 4000);
        var (tcpSeen, udpSeen) = (tcp.Ask(), udp.Ask());
        Assert.StartsWith($"{outside}:", tcpSeen);
        Assert.StartsWith($"{outside}:", udpSeen);
        var (tcpPort, udpPort) = (int.Parse(tcpSeen!.Split(':')[1]), int.Parse(udpSeen!.Split(':')[1]));
        Storm.Resets(_world, outside, tcpPort, 20_000);
        Storm.Errors(_world, outside, IpProtocol.Tcp, tcpPort, 20_000);
        Storm.Errors(_world, outside, IpProtocol.Udp, udpPort, 20_000);
        Storm.HalfFragments(_world, outside, udpPort, 20_000);
        Assert.Equal(tcpSeen, tcp.Ask());
        Assert.Equal(udpSeen, udp.Ask());
        Assert.NotNull(Conversation.Seen(_world.Two, "tcp", World.FarAddress, 4000));
        Assert.Equal(udpSeen, udp.Ask(bytes: 4000));
        started.Terminate();
    }

    [Fact]
    public void A_quota_of_one_guest_leaves_the_others_theirs()
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = Start("outside: {}, flows-per-guest: 5");
        var conversations = Enumerable.Range(0, 6).Select(_ => Conversation.Open(_world.One, "tcp", World.FarAddress, 4000)).ToList();
        try
        {
            Assert.Equal([true, true, true, true, true, false], conversations.Select(conversation => conversation.Ask(1) is not null));
            Assert.Equal(SocketError.HostUnreachable, conversations[5].Error);
            Assert.NotNull(Conversation.Seen(_world.Two, "udp", World.FarAddress, 4000));
            Assert.NotNull(conversations[0].Ask());
        }
        finally
        {
            conversations.ForEach(conversation => conversation.Dispose());
        }
    }

    [Fact]
    public void Flows_are_shown_and_logged_with_who_had_which_port()
    {
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var started = Start($"outside: {{}}, flow-log: {_log}");
        using var tcp = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000);
        using var udp = Conversation.Open(_world.Two, "udp", World.FarAddress, 4000);
        (string Protocol, string Inside, string Outside)[] expected =
            [("tcp", $"{World.OneAddress}:{tcp.Port}", tcp.Ask()!), ("udp", $"{World.TwoAddress}:{udp.Port}", udp.Ask()!)];
        foreach (var (protocol, inside, outside) in expected)
        {
            var flow = Assert.Single(started.Items("flows"), flow => flow.GetProperty("inside").GetString() == inside);
            Assert.Equal("dev", flow.GetProperty("network").GetString());
            Assert.Equal(protocol, flow.GetProperty("protocol").GetString());
            Assert.Equal(outside, flow.GetProperty("outside").GetString());
            Assert.Equal($"{World.FarAddress}:4000", flow.GetProperty("remote").GetString());
            Assert.Equal(protocol == "tcp" ? "established" : "active", flow.GetProperty("state").GetString());
            Assert.InRange(flow.GetProperty("age").GetInt64(), 0, 30);
            Assert.Contains(inside, started.Client("show", "flows").Succeeded().Output);
            Eventually.Holds(() => File.Exists(_log) && File.ReadLines(_log).Any(line => line.Contains(inside) && line.Contains(outside)));
        }
        started.Terminate();
    }

    private SoftSwitchProcess Start(string keys) => _world.Start($$"""
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, {{keys}} }
        {{_world.Ports}}
        """);
}
