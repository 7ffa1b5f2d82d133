using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Who sends what can't be delivered is told so, by the right address and about the packet that he has sent.</summary>
public sealed class UndeliverableTests : IDisposable
{
    private const int IpIp = 4, Gre = 47, Esp = 50, Sctp = 132;

    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("{}", World.HostAddress)]
    [InlineData($"{{ interface: nic, address: {World.OwnAddress}/24, gateway: {World.LanAddress} }}", World.OwnAddress)]
    public void Of_protocols_without_ports_and_of_guests_that_are_not_there(string outside, string address)
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {{outside}}, forwards: [{ from: udp/4040, to: "10.10.0.77:53" }] }
            {{_world.Ports}}
            """);
        var packet = new RawDatagram(_world.One, World.OneAddress, World.FarAddress);
        using var guest = new Capture(_world.One, "eth0", filter: "icmp");
        using var far = new Capture(_world.Far, "eth0", filter: "icmp");
        using var client = RawDatagram.Socket(_world.Far, World.FarAddress, 4041);
        client.SendTo(new byte[100], new System.Net.IPEndPoint(System.Net.IPAddress.Parse(address), 4040));
        foreach (var protocol in new byte[] { IpIp, Gre, Esp, Sctp })
        {
            packet.Send(packet.Cut(protocol, 7, new byte[200], 1480));
            packet.Send(packet.Cut(protocol, 8, new byte[2000], 1480).AsEnumerable().Reverse());
        }
        // Three questions, a second each.
        Thread.Sleep(5500);
        var (inside, outsider) = (guest.Stop(), far.Stop());
        var told = Tshark.Fields(inside, "icmp.type == 3 && icmp.code == 2", "ip.src", "ip.dst", "ip.proto");
        Assert.Equal(8, told.Count);
        Assert.All(told,
            row => Assert.Equal(($"{World.Gateway},{World.OneAddress}", $"{World.OneAddress},{World.FarAddress}"), (row[0], row[1])));
        Assert.Equal([IpIp, IpIp, Gre, Gre, Esp, Esp, Sctp, Sctp], told.Select(row => int.Parse(row[2].Split(',')[1])));
        var lost = Assert.Single(
            Tshark.Fields(outsider, "icmp.type == 3 && icmp.code == 1", "ip.src", "ip.dst", "udp.dstport", "icmp.checksum.status"));
        Assert.Equal([$"{address},{World.FarAddress}", $"{World.FarAddress},{address}", "4040", "1"], lost);
        Assert.Empty(UplinkJudge.Leaks(outsider));
        started.Terminate();
    }
}
