using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// Two translating networks, each with an address of its own on one LAN, on in-memory ports; each forwards UDP and TCP 8000 to its guest:
/// <code>
///   GuestC 10.12.0.5 ── gateway 10.12.0.1 ── C 192.0.2.10 ──┐   ┌── Router: the router, 192.0.2.1
///                                                           LAN ┼── Host: the host, 192.0.2.2
///   GuestD 10.13.0.5 ── gateway 10.13.0.1 ── D 192.0.2.11 ──┘   └── Beside: a guest there, 192.0.2.77
/// </code>
/// </summary>
internal sealed class LanRig : IDisposable
{
    public const int GuestC = 0, GuestD = 1, Router = 2, Host = 3, Beside = 4;
    public const ulong MacC = 0x0253_0000_000C, MacD = 0x0253_0000_000D, HostMac = 0x0600_0000_0002, BesideMac = 0x0600_0000_0077;
    private const ulong GatewayC = 0x0253_0000_0001, GatewayD = 0x0253_0000_0002, RouterMac = 0x0600_0000_0001;

    public LanRig(PortOffloads offloads = PortOffloads.None, int? mtuOfD = null)
    {
        Rig.Add(offloads);
        Rig.Add(offloads, mtuOfD ?? 1500, network: 1);
        Rig.Add(offloads, network: 2);
        Rig.Add(offloads, network: 2, station: new(HostMac));
        Rig.Add(offloads, network: 2);
        Rig.Member(Router).Group = Rig.Member(Host).Group = 1;
        Rig.Member(Host).Uplink = Rig.Member(Router);
        C = Network("c", 12, GatewayC, MacC, "192.0.2.10", 0, 1500);
        D = Network("d", 13, GatewayD, MacD, "192.0.2.11", 1, mtuOfD ?? 1500);
        Rig.Carry(GuestC, Arp(ArpMessage.Request, GuestMac(GuestC), "10.12.0.5", "10.12.0.1"));
        Rig.Carry(GuestD, Arp(ArpMessage.Request, GuestMac(GuestD), "10.13.0.5", "10.13.0.1"));
        foreach (var port in new[] { GuestC, GuestD })
            Rig.Received(port);
    }

    public Rig Rig { get; } = new();

    public Outside C { get; }

    public Outside D { get; }

    /// <summary>A packet of somebody, handed to who takes it on for him: a guest's to its gateway, others' to C.</summary>
    public void Say(int port, string packet, byte ttl = 64) =>
        Rig.Carry(port, FrameOf(port, (NatPacket.Parse(packet) with { Ttl = ttl }).Build()));

    /// <summary>A frame with the right addresses for who is at a port.</summary>
    public static byte[] FrameOf(int port, byte[] frame)
    {
        var (from, to) = port switch
        {
            GuestC => (GuestMac(GuestC), GatewayC),
            GuestD => (GuestMac(GuestD), GatewayD),
            Host => (HostMac, MacC),
            Beside => (BesideMac, MacC),
            _ => (RouterMac, MacC),
        };
        new MacAddress(to).Write(frame);
        new MacAddress(from).Write(frame.AsSpan(6));
        return frame;
    }

    /// <summary>The packets that came out of a port, whole and with all checksums right.</summary>
    public List<NatPacket> Heard(int port) => [.. Packets(port).Select(frame => NatPacket.Read(frame.Bytes))];

    /// <summary>What came out of a port, but for ARP.</summary>
    public List<ReceivedFrame> Packets(int port) =>
        [.. Rig.Received(port).Where(frame => (frame.Bytes[12] << 8 | frame.Bytes[13]) == EtherType.Ipv4)];

    public void Dispose() => Rig.Dispose();

    private Outside Network(string name, int subnet, ulong gatewayMac, ulong mac, string address, int network, int mtu)
    {
        var gateway = Rig.Add(new Gateway($"{name}.gateway", new(gatewayMac), Ipv4Address.Parse($"10.{subnet}.0.1"),
            Subnet($"10.{subnet}.0.0/24"), mtu, 1, 0), network);
        NaptOptions options = new() { OutsideAddress = Ipv4Address.Parse(address), Capacity = 4096, Seed = 7 };
        var outside = Rig.Add(new Outside($"{name}.out", new(mac), options.OutsideAddress, Subnet("192.0.2.0/24"), 1500, 1,
            Translator.Of(options, new NaptPolicy()), ownsAddress: true,
            new([(Subnet("192.0.2.0/24"), null), (Subnet("0.0.0.0/0"), Ipv4Address.Parse("192.0.2.1"))]))
        {
            Inside = new([gateway], [gateway.Subnet]),
        }, network: 2);
        gateway.Ways = new([outside], null, [], [gateway.Subnet]);
        var guest = Ipv4Address.Parse($"10.{subnet}.0.5");
        outside.Translator.SetForwards(
            0, [new(new(IpProtocol.Udp, 8000, 8000), guest, 7000), new(new(IpProtocol.Tcp, 8000, 8000), guest, 7000)], Rig.Now);
        return outside;
    }
}
