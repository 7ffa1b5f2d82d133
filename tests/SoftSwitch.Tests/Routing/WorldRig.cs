using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// Two translating networks behind one outside address 203.0.113.1, on in-memory ports, everybody known to everybody:
/// <code>
///   Guest0 10.10.0.5, Guest1 10.10.0.6 ── gateway 10.10.0.1 ──┬── Uplink: router 203.0.113.254, the way to everywhere
///   Other  10.20.0.5                   ── gateway 10.20.0.1 ──┴── Host: the host, where the outside address is shared with it
/// </code>
/// </summary>
internal sealed class WorldRig : IDisposable
{
    public const int Guest0 = 0, Guest1 = 1, Other = 2, Uplink = 3, Host = 4;
    public const ulong OutsideMac = 0x0253_0000_0002, RouterMac = 0x0600_0000_00FE, HostMac = 0x0600_0000_0001;
    private const ulong OtherGatewayMac = 0x0253_0000_0003, HostWayMac = 0x0253_0000_0004;

    public WorldRig(bool isShared = false, int insideMtu = 1500, int outsideMtu = 1500, NaptPolicy? policy = null,
        PortOffloads offloads = PortOffloads.None, int? guest1Mtu = null)
    {
        Rig.Add(offloads, insideMtu);
        Rig.Add(offloads, guest1Mtu ?? insideMtu);
        Rig.Add(offloads, insideMtu, network: 1);
        Rig.Add(offloads, outsideMtu, network: 2);
        Rig.Add(offloads, 65_000, network: 3);
        Gateway =
            Rig.Add(new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/24"), insideMtu, 1, 0), 0);
        OtherGateway =
            Rig.Add(new Gateway("other", new(OtherGatewayMac), Ipv4Address.Parse("10.20.0.1"), Subnet("10.20.0.0/24"), insideMtu, 1, 1), 1);
        policy ??= new();
        NaptOptions options = new() { OutsideAddress = Ipv4Address.Parse("203.0.113.1"), Capacity = 4096, Seed = 7 };
        var translator = Translator.Of(options, policy, policy);
        Outside = Rig.Add(new Outside("outside", new(OutsideMac), options.OutsideAddress, Subnet("203.0.113.0/24"), outsideMtu, 1,
            translator, !isShared, new([(Subnet("203.0.113.0/24"), null), (Subnet("0.0.0.0/0"), Ipv4Address.Parse("203.0.113.254"))]))
        {
            Inside = new([Gateway, OtherGateway], [Gateway.Subnet, OtherGateway.Subnet]),
        }, 2);
        options = options with { OutsideAddress = Ipv4Address.Parse("169.254.83.1") };
        translator = Translator.Of(options, policy, policy);
        HostWay = Rig.Add(new Outside("host", new(HostWayMac), options.OutsideAddress, new(options.OutsideAddress, 32), 65_000, 1,
            translator, true, new([(Subnet("0.0.0.0/0"), null)]), new MacAddress(HostMac))
        {
            Inside = new([Gateway, OtherGateway], []),
        }, 3);
        WaysOut ways = new([Outside], isShared ? HostWay : null, isShared ? [Outside.Address] : [], [Gateway.Subnet, OtherGateway.Subnet]);
        Gateway.Ways = OtherGateway.Ways = ways;
        Introduce();
    }

    public Rig Rig { get; } = new();

    public Gateway Gateway { get; }

    public Gateway OtherGateway { get; }

    public Outside Outside { get; }

    public Outside HostWay { get; }

    /// <summary>Forwards of the first network, on all ways.</summary>
    public void Forward(params NaptForward[] forwards)
    {
        Outside.Translator.SetForwards(0, forwards, Rig.Now);
        HostWay.Translator.SetForwards(0, forwards, Rig.Now);
    }

    /// <summary>A packet from somebody, addressed to the station of ours on his link.</summary>
    public void Say(int port, NatPacket packet) => Rig.Carry(port, FrameOf(port, packet.Build()));

    public void Say(int port, string packet) => Say(port, NatPacket.Parse(packet));

    /// <summary>A frame with the right addresses for who is at a port.</summary>
    public static byte[] FrameOf(int port, byte[] frame)
    {
        var (from, to) = port switch
        {
            Other => (Stations.Mac(50), OtherGatewayMac),
            Uplink => (RouterMac, OutsideMac),
            Host => (HostMac, HostWayMac),
            _ => (GuestMac(port), GatewayMac),
        };
        new MacAddress(to).Write(frame);
        new MacAddress(from).Write(frame.AsSpan(6));
        return frame;
    }

    /// <summary>The packets that came out of a port, whole and with all checksums right.</summary>
    public List<NatPacket> Heard(int port) => [.. Rig.Received(port).Select(frame => NatPacket.Read(frame.Bytes))];

    public void Dispose() => Rig.Dispose();

    private void Introduce()
    {
        for (var port = 0; port < 2; port++)
            Rig.Carry(port, Arp(ArpMessage.Request, GuestMac(port), GuestAddress(port), "10.10.0.1"));
        Rig.Carry(Other, Arp(ArpMessage.Request, Stations.Mac(50), "10.20.0.5", "10.20.0.1"));
        // The router outside is asked for by the first packet there.
        Rig.Carry(Guest0, FrameOf(Guest0, NatPacket.Parse("icmp 10.10.0.5 > 198.51.100.99 type=8 id=1").Build()));
        Rig.Carry(Uplink, Arp(ArpMessage.Reply, RouterMac, "203.0.113.254", "203.0.113.1", OutsideMac));
        for (var port = 0; port < 5; port++)
            Rig.Received(port);
    }
}
