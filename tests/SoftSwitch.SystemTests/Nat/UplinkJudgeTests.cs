using System.Net.Sockets;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>The judges see what is wrong: a kernel that doesn't translate, answers for guests, or changes ports.</summary>
public sealed class UplinkJudgeTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void An_address_of_the_inside_and_a_reset_are_seen_and_a_random_port_is_told_from_a_kept_one()
    {
        KernelNat.Start(_world, "");
        using (var capture = _world.CaptureUplink())
        {
            Assert.Equal(SocketError.TimedOut, Open(_world.One).Error);
            // Nobody listens there: it is the host's kernel that answers.
            Assert.Equal(SocketError.ConnectionRefused, Open(_world.Far, World.HostAddress).Error);
            var file = capture.Stop();
            Assert.Contains(UplinkJudge.Leaks(file), leak => leak.Contains(World.OneAddress));
            Assert.Single(UplinkJudge.Resets(file));
        }
        KernelNat.Rules(_world, KernelNat.Masquerade.Replace("masquerade", "masquerade random"));
        using var discovery = new NatDiscovery(_world.Far, World.FarAddress, World.FarOtherAddress);
        Assert.NotEqual("Endpoint Independent Mapping", discovery.Mapping(_world.One));
        Assert.Equal("Address and Port Dependent Filtering", discovery.Filtering(_world.One));
    }

    [Fact]
    public void A_flood_is_of_right_frames_and_a_prohibition_is_told_from_a_refusal()
    {
        KernelNat.Start(_world);
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        Assert.NotNull(Conversation.Seen(_world.One, "udp", World.FarAddress, 4000));
        using (var capture = _world.CaptureUplink("udp dst port 9999"))
        {
            Flood.NewFlows(_world.One, 300);
            var file = capture.Stop();
            Assert.Equal(300, Tshark.Fields(file, "ip.checksum.status == 1 && udp.length == 26", "udp.srcport")
                .Select(row => row[0]).Distinct().Count());
        }
        _world.Host.Exec("nft",
            ["table ip fw { chain f { type filter hook forward priority 0; udp dport 4000 reject with icmp type admin-prohibited; }; }"])
            .Succeeded();
        using var prohibited = Conversation.Open(_world.One, "udp", World.FarAddress, 4000);
        Assert.Null(prohibited.Ask(1));
        Assert.Equal(SocketError.HostUnreachable, prohibited.Error);
    }

    [Fact]
    public void A_storm_is_of_right_packets_that_concern_the_flow_and_the_kernel_weathers_it()
    {
        KernelNat.Start(_world);
        using var server = new WhoServer(_world.Far, 4000, World.FarAddress);
        using var conversation = Conversation.Open(_world.One, "tcp", World.FarAddress, 4000, 40_000);
        Assert.Equal($"{World.HostAddress}:40000", conversation.Ask());
        using var capture = new Capture(_world.Host, "nic",
            filter: $"src host {World.FarAddress} or src host {Storm.Stranger} or src net {Storm.Forgers}");
        Storm.Resets(_world, World.HostAddress, 40_000, 100);
        Storm.Errors(_world, World.HostAddress, IpProtocol.Tcp, 40_000, 100);
        Storm.HalfFragments(_world, World.HostAddress, 40_000, 100);
        var file = capture.Stop();
        Assert.Equal(100,
            Tshark.Count(file, "ip.checksum.status == 1 && tcp.checksum.status == 1 && tcp.flags.reset == 1 && tcp.dstport == 40000"));
        Assert.Equal(100, Tshark.Count(file,
            "icmp.checksum.status == 1 && icmp.type == 3 && icmp.code == 1 && tcp.srcport == 40000 && !ip.checksum.status == 0"));
        Assert.Equal(100, Tshark.Count(file, "ip.flags.mf == 1 && ip.frag_offset == 0 && ip.checksum.status == 1"));
        Assert.NotNull(conversation.Ask());
    }

    [Fact]
    public void A_forward_that_keeps_the_client_s_address_is_told_from_one_that_does_not()
    {
        const string Forward = "chain pre { type nat hook prerouting priority dstnat; ip daddr 192.0.2.2 tcp dport 2222 dnat to "
            + "10.10.0.5:22; }; ";
        using var server = new WhoServer(_world.One, 22);
        KernelNat.Start(_world, KernelNat.Masquerade.Replace("chain post", Forward + "chain post"));
        Assert.Equal($"{World.FarAddress}:41000", Conversation.Seen(_world.Far, "tcp", World.HostAddress, 2222, 41000));
        // Without a rule for insiders the answer comes past the translation, and the asker knows nothing of it.
        Assert.Null(Conversation.Seen(_world.Two, "tcp", World.HostAddress, 2222, seconds: 1));
        KernelNat.Rules(_world, KernelNat.Masquerade.Replace("chain post", Forward + "chain post")
            .Replace("oifname nic masquerade", "masquerade"));
        Assert.StartsWith($"{World.Gateway}:", Conversation.Seen(_world.Far, "tcp", World.HostAddress, 2222, 41001));
    }

    private static Conversation Open(NetNs from, string to = World.FarAddress)
    {
        using var conversation = Conversation.Open(from, "tcp", to, 4321, seconds: 1);
        return conversation;
    }
}
