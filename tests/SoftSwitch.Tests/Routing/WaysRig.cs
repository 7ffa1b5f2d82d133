using SoftSwitch.Forwarding.Nat;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Packets;
using SoftSwitch.Tests.Forwarding;
using SoftSwitch.Tests.Nat;
using static SoftSwitch.Tests.Routing.GatewayRig;

namespace SoftSwitch.Tests.Routing;

/// <summary>
/// A translating network with two ways out between which the host's routing decides, on in-memory ports; the test is the host:
/// <code>
///   Guest0 10.10.0.5, Guest1 10.10.0.6 ── gateway 10.10.0.1 ──┬── Nic: 203.0.113.1, router 203.0.113.254
///                                                             └── Vpn: 10.8.0.2, one neighbor for all
/// </code>
/// and, once they are opened, a way to the host itself, which has an address in a host-only network 10.30.0.0/24 as well, and a tunnel by
/// which nothing leaves but answers.
/// </summary>
internal sealed class WaysRig : IDisposable
{
    public const int Guest0 = 0, Guest1 = 1, Nic = 2, Vpn = 3, Tunnel = 4;
    private const ulong TunnelMac = 0x0253_0000_0005;
    private const ulong NicMac = 0x0253_0000_0002, VpnMac = 0x0253_0000_0003, HostWayMac = 0x0253_0000_0004, PeerMac = 0x0600_0000_0008;

    private Outside? _host, _answering;
    private Ipv4Address[] _hostAddresses = [], _aliases = [];

    public WaysRig()
    {
        for (var port = 0; port < 4; port++)
            Rig.Add(network: int.Max(port - 1, 0));
        Gateway = Rig.Add(new Gateway("gateway", new(GatewayMac), Ipv4Address.Parse("10.10.0.1"), Subnet("10.10.0.0/24"), 1500, 1, 0), 0);
        Gateway.RoutesAreWanted = () => Bells++;
        ByNic = Way("nic", NicMac, "203.0.113.1", "203.0.113.0/24", network: 1, null);
        ByVpn = Way("vpn", VpnMac, "10.8.0.2", "10.8.0.2/32", network: 2, new MacAddress(PeerMac));
        (ByNic.Translator.Others, ByVpn.Translator.Others) = ([ByVpn.Translator], [ByNic.Translator]);
        Gateway.Ways = new([ByNic, ByVpn], null, [], [Gateway.Subnet], Routes);
        for (var port = 0; port < 2; port++)
            Rig.Carry(port, Arp(ArpMessage.Request, GuestMac(port), GuestAddress(port), "10.10.0.1"));
        ByNic.Ipv4Neighbors.Table.Learn(NextRouter, new(WorldRig.RouterMac), Rig.Port(Nic), Rig.Now, create: true);
        for (var port = 0; port < 4; port++)
            Rig.Received(port);
    }

    public static TimeSpan Lifetime => TimeSpan.FromSeconds(60);

    public static Ipv4Address NextRouter { get; } = Ipv4Address.Parse("203.0.113.254");

    public Rig Rig { get; } = new();

    public RouteCache Routes { get; } = new();

    public Gateway Gateway { get; }

    public Outside ByNic { get; }

    public Outside ByVpn { get; }

    /// <summary>How often the control plane was told that routes are wanted.</summary>
    public int Bells { get; private set; }

    /// <summary>Opens a way to the host.</summary>
    /// <param name="addresses">The host's.</param>
    /// <returns>The port to the host, and the way.</returns>
    public (int Port, Outside Way) OpenWayToHost(params string[] addresses)
    {
        var port = Rig.Add(network: 3);
        var way = Way("host", HostWayMac, "169.254.83.1", "169.254.83.1/32", network: 3, new MacAddress(PeerMac));
        (_host, _hostAddresses) = (way, [.. addresses.Select(address => Ipv4Address.Parse(address))]);
        Publish();
        return (port, way);
    }

    /// <summary>Forwards of the network, at these addresses of the host as well.</summary>
    public void Forward(string[] aliases, params NaptForward[] forwards)
    {
        _aliases = [.. aliases.Select(alias => Ipv4Address.Parse(alias))];
        foreach (var translator in new[] { ByNic, ByVpn, _answering }.OfType<Outside>().Select(way => way.Translator))
        {
            translator.SetForwards(0, forwards, Rig.Now);
            translator.SetAliases([.. _aliases.Where(alias => alias != translator.OutsideAddress).Select(alias => new NaptAlias(alias))],
                Rig.Now, []);
        }
        Publish();
    }

    /// <summary>From now on guests leave by the NIC alone, as its next hops lead, and by a tunnel nothing leaves but answers.</summary>
    /// <returns>The way by the tunnel, 10.9.0.2.</returns>
    public Outside NameTheNic()
    {
        Assert.Equal(Tunnel, Rig.Add(network: 3));
        _answering = Way("tunnel", TunnelMac, "10.9.0.2", "10.9.0.2/32", network: 3, new MacAddress(PeerMac), onlyAnswers: true);
        Publish();
        return _answering;
    }

    private void Publish()
    {
        Ipv4Subnet[] inside = [Gateway.Subnet, Subnet("10.30.0.0/24")];
        Gateway.Ways = _answering is not null
            ? new([ByNic], _host, _hostAddresses, inside, answering: [_answering], aliases: _aliases)
            : new([ByNic, ByVpn], _host, _hostAddresses, inside, Routes, aliases: _aliases);
    }

    /// <summary>What the host's routing is asked for.</summary>
    public List<(Ipv4Address Destination, Port By)> Wanted()
    {
        var wanted = new List<(Ipv4Address, Port)>();
        while (Gateway.TryTakeWanted(out var destination, out var by))
            wanted.Add((destination, by));
        return wanted;
    }

    /// <summary>The host's routing answers for all that is wanted.</summary>
    /// <param name="way">By which way; null: none, and why.</param>
    public void Answer(Func<Ipv4Address, Outside?> way, NoWay why = NoWay.NoRoute) => Answer(Wanted(), way, why);

    /// <summary>It answers for all that is wanted that it is the host.</summary>
    public void AnswerHost(Outside way)
    {
        foreach (var (destination, by) in Wanted())
        {
            Routes.AddHost(destination, way, by, Rig.Now + Lifetime, Routes.Generation);
            Gateway.Know(destination);
        }
        Rig.Resume(Gateway);
    }

    /// <summary>It answers for some.</summary>
    /// <param name="answers">The ways by which answers to what began outside may leave.</param>
    public void Answer(
        List<(Ipv4Address Destination, Port By)> wanted, Func<Ipv4Address, Outside?> way, NoWay why = NoWay.NoRoute,
        params Outside[] answers)
    {
        foreach (var (destination, by) in wanted)
        {
            WayTo[] others = [.. answers.Select(answer => To(answer, destination))];
            if (way(destination) is { } found)
                Routes.Add(destination, To(found, destination), others, by, Rig.Now + Lifetime, Routes.Generation);
            else
                Routes.Add(destination, why, others, by, Rig.Now + Lifetime, Routes.Generation);
            Gateway.Know(destination);
        }
        Rig.Resume(Gateway);
    }

    public WayTo To(Outside way, Ipv4Address destination) => new(way, way == ByNic ? NextRouter : destination);

    public void Say(int port, string packet) => Say(port, NatPacket.Parse(packet));

    public void Say(int port, NatPacket packet) => Rig.Carry(port, FrameOf(port, packet.Build()));

    /// <summary>A frame with the right addresses for who is at a port.</summary>
    public static byte[] FrameOf(int port, byte[] frame)
    {
        var (from, to) = port switch
        {
            Nic => (WorldRig.RouterMac, NicMac),
            Vpn => (PeerMac, VpnMac),
            Tunnel => (PeerMac, TunnelMac),
            _ => (GuestMac(port), GatewayMac),
        };
        new MacAddress(to).Write(frame);
        new MacAddress(from).Write(frame.AsSpan(6));
        return frame;
    }

    /// <summary>The packets that came out of a port, whole and with all checksums right.</summary>
    public List<NatPacket> Heard(int port) => [.. Packets(port).Select(frame => NatPacket.Read(frame.Bytes))];

    /// <summary>What came out of a port, but for ARP: a gateway that is ticked says its address.</summary>
    public List<ReceivedFrame> Packets(int port) =>
        [.. Rig.Received(port).Where(frame => (frame.Bytes[12] << 8 | frame.Bytes[13]) == EtherType.Ipv4)];

    public void Dispose() => Rig.Dispose();

    private Outside Way(string name, ulong mac, string address, string subnet, int network, MacAddress? only, bool onlyAnswers = false)
    {
        NaptOptions options = new()
        {
            OutsideAddress = Ipv4Address.Parse(address), Capacity = 4096, Seed = 7, OnlyAnswers = onlyAnswers,
        };
        return Rig.Add(new Outside(name, new(mac), options.OutsideAddress, Subnet(subnet), 1500, 1,
            Translator.Of(options, new NaptPolicy()), ownsAddress: false,
            new([(Subnet("0.0.0.0/0"), only is null ? NextRouter : null)]), only)
        {
            Inside = new([Gateway], []),
            Routes = onlyAnswers ? null : Routes,
        }, network);
    }
}
