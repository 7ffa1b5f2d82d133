using System.Net;
using System.Net.Sockets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>What guests see of the outside through a NAT, and the outside of them: the same sentences for the kernel's masquerade, the
/// host's address shared, and an address of its own.</summary>
public abstract class TranslationTests(TranslationTests.ITranslator translator)
{
    /// <summary>Who translates, in a world of its own, which is made when first asked for.</summary>
    public interface ITranslator : IDisposable
    {
        internal World World { get; }

        /// <summary>How the outside sees the inside.</summary>
        internal string OutsideAddress { get; }
    }

    private World World => translator.World;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_TCP_stream_crosses_out_and_back(bool back) =>
        Iperf.Delivers(World.One, World.Far, World.FarAddress, back, bytes: 100_000_000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_UDP_stream_crosses_out_and_back(bool back)
    {
        var result = Iperf.Run(World.One, World.Far, World.FarAddress, back, seconds: 1, udpMegabits: 5);
        // A receiver that waits for a processor loses what its socket can't hold, whoever carried it there.
        Assert.True(result.Datagrams > 300 && result.LostDatagrams <= result.Datagrams / 2, $"{result}");
    }

    [Fact]
    public void A_ping_crosses_whole_and_in_fragments()
    {
        Ping.Wait(World.One, World.FarAddress);
        Assert.True(Ping.Reaches(World.One, World.FarAddress, bytes: 4000));
        Assert.True(Ping.Reaches(World.One, World.LanAddress, bytes: 4000));
    }

    [Fact]
    public void Datagrams_in_fragments_cross_there_and_back()
    {
        using var server = new WhoServer(World.Far, 4001, World.FarAddress);
        using var conversation = Conversation.Open(World.One, "udp", World.FarAddress, 4001);
        Assert.StartsWith(translator.OutsideAddress + ":", conversation.Ask(bytes: 8000));
        Assert.StartsWith(translator.OutsideAddress + ":", conversation.Ask(bytes: 1473));
    }

    [Fact]
    public void The_outside_address_answers_a_ping_of_guests_and_of_outsiders_whole_and_in_fragments()
    {
        foreach (var who in new[] { World.One, World.Far, World.Lan })
        {
            Ping.Wait(who, translator.OutsideAddress);
            Assert.True(Ping.Reaches(who, translator.OutsideAddress, bytes: 4000));
            Assert.True(Ping.Reaches(who, translator.OutsideAddress, count: 1, bytes: 65_000));
        }
    }

    [Fact]
    public void Fragments_that_the_network_doubles_cost_no_datagram()
    {
        var datagram = new RawDatagram(World.One, World.OneAddress, World.FarAddress);
        using var receiver = RawDatagram.Socket(World.Far, World.FarAddress, 4011);
        var heard = new byte[65_536];
        int[][] sequences = [[0, 0, 1, 2], [0, 1, 1, 2], [0, 1, 2, 2], [2, 2, 1, 0], [2, 1, 1, 0], [2, 1, 0, 0], [1, 0, 0, 2, 1, 2],
            [2, 0, 2, 1]];
        for (var i = 0; i < sequences.Length; i++)
        {
            var payload = new byte[2000];
            payload.AsSpan().Fill((byte)i);
            var fragments = datagram.Udp(4011, (ushort)(700 + i), payload, 800);
            datagram.Send(sequences[i].Select(part => fragments[part]));
            Assert.Equal(payload, heard[..receiver.Receive(heard)]);
        }
        Assert.Equal(0, receiver.Available);
    }

    [Fact]
    public void The_first_large_datagrams_to_a_neighbor_outside_arrive()
    {
        World.Lan.Address("lan0", "192.0.2.77/24");
        using var receiver = RawDatagram.Socket(World.Lan, "192.0.2.77", 4012);
        using var sender = RawDatagram.Socket(World.One, World.OneAddress, 0);
        var heard = new byte[65_536];
        var payload = new byte[60_000];
        for (var i = 0; i < 2; i++)
        {
            payload.AsSpan().Fill((byte)i);
            sender.SendTo(payload, new IPEndPoint(IPAddress.Parse("192.0.2.77"), 4012));
        }
        for (var i = 0; i < 2; i++)
        {
            payload.AsSpan().Fill((byte)i);
            Assert.Equal(payload, heard[..receiver.Receive(heard)]);
        }
    }

    [Fact]
    public void Who_sends_to_a_dead_neighbor_outside_is_told()
    {
        // The one in fragments too, and once. (The kernel says it by whichever of its addresses; ours is judged in the unit tests.)
        var (one, large) = (World.One.Start("ping", "-c", "1", "-W", "8", "192.0.2.99"),
            World.One.Run("ping -c 1 -W 8 -s 4000 192.0.2.99"));
        Assert.Single(large.Output.Split('\n'), line => line.Contains("Host Unreachable", StringComparison.Ordinal));
        one.WaitForLine(line => line.Contains("Host Unreachable", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-I")]
    public void Traceroute_shows_every_hop(string how) =>
        Assert.Equal([World.Gateway, World.LanAddress, World.FarAddress], Traceroute.Hops(World.One, World.FarAddress, how));

    [Fact]
    public void A_narrow_link_further_on_lowers_the_path_MTU_of_the_guest_s_kernel()
    {
        Assert.DoesNotContain("mtu", World.One.Check($"ip route get {World.NarrowAddress}"));
        World.One.Run($"ping -c 3 -i 0.2 -W 1 -M do -s 1400 {World.NarrowAddress}");
        Assert.Contains($"mtu {World.NarrowMtu}", World.One.Check($"ip route get {World.NarrowAddress}"));
        // And a connection of its own accord: nobody has told the other guest anything.
        Iperf.Delivers(World.Two, World.Far, World.NarrowAddress);
        Assert.Contains($"mtu {World.NarrowMtu}", World.Two.Check($"ip route get {World.NarrowAddress}"));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void A_guest_s_port_is_the_same_outside_for_every_destination_and_two_guests_never_share_one(string protocol)
    {
        using var server = new WhoServer(World.Far, 4002, World.FarAddress);
        using var other = new WhoServer(World.Far, 4002, World.FarOtherAddress);
        using var one = Conversation.Open(World.One, protocol, World.FarAddress, 4002, 40_000);
        var seen = one.Ask();
        Assert.StartsWith(translator.OutsideAddress + ":", seen);
        Assert.Equal(seen, Conversation.Seen(World.One, protocol, World.FarOtherAddress, 4002, 40_000));
        var second = Conversation.Seen(World.Two, protocol, World.FarAddress, 4002, 40_000);
        Assert.StartsWith(translator.OutsideAddress + ":", second);
        Assert.NotEqual(seen, second);
        Assert.Equal(seen, one.Ask());
    }

    [Fact]
    public void Coturn_sees_endpoint_independent_mapping()
    {
        using var discovery = new NatDiscovery(World.Far, World.FarAddress, World.FarOtherAddress);
        Assert.Equal("Endpoint Independent Mapping", discovery.Mapping(World.One));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void What_the_far_end_refuses_is_refused_to_the_guest(string protocol)
    {
        using var conversation = Conversation.Open(World.One, protocol, World.FarAddress, 4099);
        conversation.Ask();
        Assert.Equal(SocketError.ConnectionRefused, conversation.Error);
    }

    [Fact]
    public void An_error_of_the_guest_s_kernel_goes_out_with_the_outside_s_addresses_in_the_packet_it_quotes()
    {
        using var server = new WhoServer(World.Far, 4003, World.FarAddress);
        using var capture = World.CaptureUplink("icmp");
        var seen = Conversation.Seen(World.One, "udp", World.FarAddress, 4003)!;
        // Its socket is closed by now.
        server.SendDatagram(seen, "anyone there?");
        Thread.Sleep(300);
        var file = capture.Stop();
        var quoted = Assert.Single(
            Tshark.Fields(file, "icmp.type == 3 && icmp.code == 3", "ip.src", "ip.dst", "udp.dstport", "icmp.checksum.status"));
        Assert.Equal([$"{translator.OutsideAddress},{World.FarAddress}", $"{World.FarAddress},{translator.OutsideAddress}",
            seen.Split(':')[1], "1"], quoted);
        Assert.Empty(UplinkJudge.Leaks(file));
    }

    [Fact]
    public void No_inside_address_is_seen_outside_and_no_reset_but_the_guest_s_own()
    {
        using var server = new WhoServer(World.Far, 4004, World.FarAddress);
        using var uplink = World.CaptureUplink();
        using var one = new Capture(World.One, "eth0", "out", "tcp[tcpflags] & tcp-rst != 0");
        using var two = new Capture(World.Two, "eth0", "out", "tcp[tcpflags] & tcp-rst != 0");
        using var orphan = Conversation.Open(World.Two, "tcp", World.FarAddress, 4004);
        Assert.NotNull(orphan.Ask());
        // From now on the second guest hears nothing: one connection is without an owner, another stays half open.
        Need.Tool("nft");
        World.Two.Exec("nft", ["table ip deaf { chain in { type filter hook input priority 0; drop; }; }"]).Succeeded();
        try
        {
            server.SendLine("are you there?");
            using var half = Conversation.Open(World.Two, "tcp", World.FarAddress, 4004, seconds: 0.5);
            Assert.Equal(SocketError.TimedOut, half.Error);
            // As long as the far end asks again, and no more than a capture is read in a moment.
            Iperf.Run(World.One, World.Far, World.FarAddress, seconds: 1, more: "-b 50M");
            Iperf.Run(World.One, World.Far, World.FarAddress, reverse: true, seconds: 1, more: "-b 50M");
            Ping.Reaches(World.One, World.FarAddress, bytes: 4000);
        }
        finally
        {
            World.Two.Check("nft delete table ip deaf");
        }
        var file = uplink.Stop();
        // What the guests themselves sent until now is there: the capture of the uplink ended before theirs.
        var (ofOne, ofTwo) = AtOnce.Do(() => UplinkJudge.Resets(one.Stop()), () => UplinkJudge.Resets(two.Stop()));
        var (leaks, resets) = AtOnce.Do(() => UplinkJudge.Leaks(file), () => UplinkJudge.Resets(file));
        Assert.True(Tshark.Count(file, "tcp.len > 0") > 100);
        Assert.Empty(leaks);
        Assert.Empty(resets.Except([.. ofOne, .. ofTwo]));
    }
}
