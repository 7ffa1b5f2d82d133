using System.Buffers.Binary;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using static SoftSwitch.Tests.Forwarding.IpFrames;
using static SoftSwitch.Tests.Forwarding.Stations;

namespace SoftSwitch.Tests.Forwarding;

/// <summary>Port 0 is the host's own interface, ports 1 and 2 are guests', who may be servers of DHCP or pretend to be.</summary>
public sealed class HostLeaseTests : IDisposable
{
    private const int Host = 0, Guest = 1;
    private const string Server = "10.7.0.1", Offered = "10.7.0.20", Nobody = "0.0.0.0", Everybody = "255.255.255.255";
    private const ushort Client = 68;

    private readonly HostGate _gate = new() { Rules = new([], [], [], []) { TakesLease = true } };
    private readonly Rig _rig = new();

    public HostLeaseTests()
    {
        _rig.Add(station: new(Mac(1)), gate: _gate);
        _rig.Add();
        _rig.Add();
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(Everybody)]
    [InlineData(Offered)]
    public void Who_has_no_address_and_asks_for_one_is_answered_whoever_answers(string to)
    {
        Ask(1);
        ToHost(DropReason.None, Dhcp(Server, to, 1));
        Ask(2);
        ToHost(DropReason.None, Dhcp(Server, to, 2));
        // The answer to an earlier question comes too late.
        ToHost(DropReason.SourceOutsideSubnet, Dhcp(Server, to, 1));
    }

    [Fact]
    public void Nothing_else_comes_by_that_way_and_not_much_of_it()
    {
        ToHost(DropReason.SourceOutsideSubnet, Dhcp(Server, Offered, 1));
        Ask(1);
        foreach (var wrong in (byte[][])
        [
            Dhcp(Server, Offered, 7), Dhcp(Server, Offered, 1, DhcpHeader.Request), Dhcp(Server, Offered, 1, port: 67),
            Dhcp(Server, Offered, 1, fragment: 0x2000), Dhcp(Server, Offered, 1)[..^4],
            Dhcp(Nobody, Offered, 1), Dhcp(Everybody, Offered, 1), Dhcp("224.0.0.1", Offered, 1), Dhcp(Server, Nobody, 1),
            Dhcp(Server, "240.0.0.1", 1), Ipv4(Server, Offered, IpProtocol.Tcp, Dhcp(Server, Offered, 1)[20..]),
        ])
        {
            _rig.Carry(Guest, Ethernet(Mac(1), Mac(9), EtherType.Ipv4, wrong));
            Assert.Empty(_rig.Received(Host));
        }
        ToHost(DropReason.LoopbackAddress, Dhcp(Server, "127.0.0.1", 1));
        for (var i = 0; i < 8; i++)
            ToHost(DropReason.None, Dhcp(Server, Offered, 1));
        for (var i = 0; i < 8; i++)
            ToHost(DropReason.SourceOutsideSubnet, Dhcp(Server, Offered, 1));
        Ask(1);
        ToHost(DropReason.None, Dhcp(Server, Offered, 1));
    }

    [Fact]
    public void What_a_guest_asks_opens_nothing()
    {
        _rig.Carry(Guest, Ethernet(Broadcast, Mac(9), EtherType.Ipv4, Dhcp(Nobody, Everybody, 1, DhcpHeader.Request, 67)));
        Assert.Single(_rig.Received(Host));
        ToHost(DropReason.SourceOutsideSubnet, Dhcp(Server, Offered, 1));
    }

    [Fact]
    public void Who_is_offered_an_address_hears_that_somebody_has_it()
    {
        Arp(DropReason.None, Offered, Nobody, ArpMessage.Reply);
        Arp(DropReason.SourceOutsideSubnet, Offered, Nobody, ArpMessage.Request);
        Arp(DropReason.SourceOutsideSubnet, Offered, Server, ArpMessage.Reply);
        Arp(DropReason.LoopbackAddress, "127.0.0.1", Nobody, ArpMessage.Reply);
        _gate.Rules = HostRules.NoAddress;
        Arp(DropReason.SourceOutsideSubnet, Offered, Nobody, ArpMessage.Reply);
    }

    [Fact]
    public void What_has_a_lease_renews_it_and_gets_another()
    {
        _gate.Rules = new([Ipv4Address.Parse(Offered)], [new(Ipv4Address.Parse("10.7.0.0"), 24)], [], []) { TakesLease = true };
        ToHost(DropReason.None, Dhcp(Server, Offered, 5));
        ToHost(DropReason.None, Dhcp(Server, Everybody, 5));
        ToHost(DropReason.SourceOutsideSubnet, Dhcp("10.8.0.1", "10.8.0.9", 6));
        Ask(6);
        ToHost(DropReason.None, Dhcp("10.8.0.1", "10.8.0.9", 6));
    }

    /// <summary>A client that somebody runs on all interfaces asks there as well, and would make a guest the host's router.</summary>
    [Fact]
    public void Where_the_host_has_its_address_from_the_switch_no_guest_gives_it_another()
    {
        _gate.Rules = new([Ipv4Address.Parse(Offered)], [new(Ipv4Address.Parse("10.7.0.0"), 24)], [], []);
        Ask(1);
        foreach (var to in new[] { Offered, Everybody })
        {
            ToHost(DropReason.RouterPretended, Dhcp(Server, to, 1));
            ToHost(DropReason.RouterPretended, Dhcp(Server, to, 1, fragment: 0x2000));
            ToHost(DropReason.RouterPretended, Dhcp(Server, to, 1, options: [1, 1, 1, 0]));
        }
        ToHost(DropReason.RouterPretended, Ipv6("fe80::9", "fe80::1", payload: Udp(DhcpHeader.ClientPortIpv6)), EtherType.Ipv6);
        ToHost(DropReason.None, Ipv6("fe80::9", "fe80::1", payload: Udp(547)), EtherType.Ipv6);
        // The host may be the server.
        ToHost(DropReason.None, Dhcp(Server, Offered, 1, DhcpHeader.Request, 67));
        _gate.Rules = HostRules.OnLan;
        ToHost(DropReason.None, Dhcp(Server, Everybody, 1));
    }

    private static byte[] Udp(ushort port, int length = 16)
    {
        var datagram = new byte[length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(UdpHeader.DestinationPortOffset), port);
        return datagram;
    }

    private static byte[] Dhcp(string from, string to, uint transaction, byte operation = DhcpHeader.Reply, ushort port = Client,
        ushort fragment = 0, byte[]? options = null)
    {
        var datagram = Udp(port, 248);
        datagram[UdpHeader.Size] = operation;
        BinaryPrimitives.WriteUInt32BigEndian(datagram.AsSpan(UdpHeader.Size + DhcpHeader.TransactionOffset), transaction);
        return Ipv4(from, to, IpProtocol.Udp, datagram, fragment, options);
    }

    private void Ask(uint transaction)
    {
        _rig.Carry(Host, Ethernet(Broadcast, Mac(1), EtherType.Ipv4, Dhcp(Nobody, Everybody, transaction, DhcpHeader.Request, 67)));
        Assert.Single(_rig.Received(Guest));
    }

    private void Arp(DropReason drop, string sender, string target, ushort operation) =>
        ToHost(drop, IpFrames.Arp(sender, target, operation), EtherType.Arp);

    private void ToHost(DropReason drop, byte[] packet, ushort type = EtherType.Ipv4)
    {
        var before = _rig.InDrops(Guest, drop);
        _rig.Carry(Guest, Ethernet(Mac(1), Mac(9), type, packet));
        Assert.Equal(drop == DropReason.None ? 1 : 0, _rig.Received(Host).Count);
        if (drop != DropReason.None)
            Assert.Equal(before + 1, _rig.InDrops(Guest, drop));
    }
}
