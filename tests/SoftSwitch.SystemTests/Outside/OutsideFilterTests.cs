using System.Diagnostics;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.Outside;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Peers;
using static SoftSwitch.SystemTests.Outside.Datagrams;
using static SoftSwitch.SystemTests.Outside.Neighbors;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>What the outside's port on the NIC hears of the wire.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class OutsideFilterTests
{
    private static readonly MacAddress Other = MacAddress.Parse("02:00:00:00:01:99");
    private static readonly MacAddress Own = MacAddress.Parse("02:53:00:00:00:01");
    private static readonly Ipv4Address OwnAddress = Ipv4Address.Parse("192.0.2.10"), OtherAddress = Ipv4Address.Parse("192.0.2.11");
    private static readonly Ipv4Address Stranger = Ipv4Address.Parse("192.0.2.99");
    private static readonly TransportPorts[] s_ports = [new(IpProtocol.Tcp, 16384, 29999), new(IpProtocol.Udp, 5000, 5010),
        new(IpProtocol.Udp, 53, 53)];

    [Fact]
    public void With_the_hosts_address_only_what_a_translation_could_want_is_heard()
    {
        using var neighbors = new Neighbors();
        using var wire = Open(neighbors, OutsideFilter.Shared(Host, s_ports));
        Assert.Equal(HostMac, wire.Endpoint.Mac);
        Assert.False(IsPromiscuous(neighbors));
        foreach (var unwanted in new[]
        {
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 22, Syn),
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 16383, Syn),
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 30000, Syn),
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 5005, Syn),
            Tcp(PeerMac, HostMac, Peer, Stranger, 40000, 20000, Syn),
            Tcp(PeerMac, Other, Peer, Host, 40000, 20000, Syn),
            Tcp(PeerMac, MacAddress.Broadcast, Peer, Host, 40000, 20000, Syn),
            Udp(PeerMac, HostMac, Peer, Host, 40000, 20000),
            Echo(PeerMac, HostMac, Peer, Host),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, Stranger),
            Arp(PeerMac, Other, 2, Peer, Stranger),
        })
            neighbors.Send(unwanted);
        AssertHeard(neighbors, wire,
        [
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 16384, Syn),
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 29999, Acknowledge),
            Udp(PeerMac, HostMac, Peer, Host, 40000, 53),
            Udp(PeerMac, HostMac, Peer, Host, 40000, 5010),
            // Of what is the host's too: only the first of a packet's fragments says so.
            Udp(PeerMac, HostMac, Peer, Host, 40000, 700, hasMore: true),
            Udp(PeerMac, HostMac, Peer, Host, 1, 2, fragmentAt: 1480),
            Echo(PeerMac, HostMac, Peer, Host, type: 0),
            Echo(PeerMac, HostMac, Peer, Host, type: 3),
            Arp(PeerMac, HostMac, 2, Peer, Host),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, Host),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, Peer),
        ]);
    }

    [Fact]
    public void With_macs_of_our_own_all_that_is_for_them_is_heard_and_nothing_else()
    {
        using var neighbors = new Neighbors();
        var lan = new LanEndpoint(new("wire", "nic", 1500));
        lan.Add(Own, OwnAddress);
        using var wire = Open(neighbors, lan);
        lan.Add(Other, OtherAddress);
        neighbors.Send(Tcp(PeerMac, Other, Peer, OtherAddress, 40000, 20000, Syn));
        neighbors.Send(Arp(PeerMac, MacAddress.Broadcast, 1, Peer, OtherAddress));
        Assert.Equal(2, wire.Heard(2).Count);
        lan.Remove(Other);
        foreach (var unwanted in new[]
        {
            Tcp(PeerMac, HostMac, Peer, Host, 40000, 20000, Syn),
            Tcp(PeerMac, Other, Peer, OwnAddress, 40000, 20000, Syn),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, Host),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, OtherAddress),
        })
            neighbors.Send(unwanted);
        AssertHeard(neighbors, wire,
        [
            Tcp(PeerMac, Own, Peer, OwnAddress, 40000, 22, Syn),
            Echo(PeerMac, Own, Peer, OwnAddress),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, OwnAddress),
            Arp(PeerMac, Own, 2, Peer, OwnAddress),
            Arp(PeerMac, MacAddress.Broadcast, 1, Peer, Peer),
        ]);
    }

    [Fact]
    public void The_filter_can_be_exchanged_while_the_port_runs()
    {
        using var neighbors = new Neighbors();
        using var wire = Open(neighbors, OutsideFilter.Shared(Host, []));
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 40000, 20000, Syn));
        ((OutsideEndpoint)wire.Endpoint).Filter(OutsideFilter.Shared(Host, s_ports));
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 40000, 20001, Syn));
        Assert.Equal(["tcp 40000 to 20001 syn"], wire.Heard(1));
        // Twice as many ranges as are told apart, for both protocols: the longest program there is.
        var many = Enumerable.Range(0, 2 * OutsideFilter.MaxRanges).SelectMany(i => (TransportPorts[])
            [new(IpProtocol.Tcp, 1000 + 4 * i, 1000 + 4 * i), new(IpProtocol.Udp, 1000 + 8 * i, 1001 + 8 * i)]).ToArray();
        ((OutsideEndpoint)wire.Endpoint).Filter(OutsideFilter.Shared(Host, many));
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 40000, 999, Syn));
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 40000, 1000 + 4 * 777, Syn));
        Assert.Equal(["tcp 40000 to 4108 syn"], wire.Heard(1));
    }

    [Fact]
    public void The_port_heals_by_itself_when_the_link_goes_down_and_comes_up_again()
    {
        using var neighbors = new Neighbors();
        using var wire = Open(neighbors, OutsideFilter.Shared(Host, s_ports));
        Assert.Equal(EndpointState.Up, wire.State());
        neighbors.Sandbox.Links.SetDown(neighbors.Nic);
        Assert.Equal(EndpointState.Down, wire.State());
        neighbors.Sandbox.Links.SetUp(neighbors.Nic);
        neighbors.Sandbox.Links.AddNeighbor(neighbors.Nic, System.Net.IPAddress.Parse(Peer.ToString()), PeerMac);
        Assert.Equal(EndpointState.Up, wire.State());
        neighbors.Send(Tcp(PeerMac, HostMac, Peer, Host, 40000, 20000, Syn));
        Assert.Equal(["tcp 40000 to 20000 syn"], wire.Heard(1));
    }

    [Fact]
    public void An_interface_that_cant_be_the_outside_is_refused_with_the_reason()
    {
        using var sandbox = Linux.Sandbox.Make();
        var filter = OutsideFilter.Shared(Host, []);
        var site = new Linux.Site().Endpoint;
        var missing = Assert.Throws<SystemCallException>(() =>
            sandbox.Namespace.Run(() => new OutsideEndpoint(new("wire", "eth9", 1500), filter).Open(site)));
        Assert.Equal("interface eth9: no such device (see which there are: ip -br link)", missing.Message);
        var loopback = Assert.Throws<SystemCallException>(() =>
            sandbox.Namespace.Run(() => new OutsideEndpoint(new("wire", "lo", 1500), filter).Open(site)));
        Assert.Contains("it carries no Ethernet frames", loopback.Message);
    }

    private static void AssertHeard(Neighbors neighbors, Opened wire, byte[][] wanted)
    {
        foreach (var frame in wanted)
            neighbors.Send(frame);
        Assert.Equal(wanted.Select(frame => Words(frame)), wire.Heard(wanted.Length));
    }

    private static bool IsPromiscuous(Neighbors neighbors) =>
        neighbors.Sandbox.Namespace.Run(() => Shell.RunAsCaller("ip", ["-d", "link", "show", "nic"]).Succeeded().Output)
            .Contains("promiscuity 1");

    private static Opened Open(Neighbors neighbors, OutsideFilter filter) =>
        Open(neighbors, new OutsideEndpoint(new("wire", "nic", 1500), filter));

    private static Opened Open(Neighbors neighbors, InterfaceEndpoint endpoint) => neighbors.Sandbox.Namespace.Run(() =>
    {
        var site = new Linux.Site();
        return new Opened(endpoint, endpoint.Open(site.Endpoint), site);
    });

    private sealed unsafe class Opened(InterfaceEndpoint endpoint, DevicePort port, Linux.Site site) : IDisposable
    {
        internal InterfaceEndpoint Endpoint => endpoint;

        internal EndpointState State()
        {
            site.ReadNews();
            return endpoint.State;
        }

        /// <summary>The next frames, in words; more than were waited for are there too, should they have come.</summary>
        internal List<string> Heard(int count)
        {
            var heard = new List<string>();
            var buffer = new byte[70_000];
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(10) && heard.Count < count; Take(buffer, heard))
            {
                var wait = new Libc.pollfd { fd = port.Descriptors[0].Fd, events = Libc.POLLIN };
                _ = Libc.poll(&wait, 1, 1000);
            }
            return heard;
        }

        private void Take(byte[] buffer, List<string> heard)
        {
            fixed (byte* start = buffer)
            {
                // Before each frame is its offload header, of 10 bytes.
                while (Libc.recv(port.Descriptors[0].Fd, start, (nuint)buffer.Length, SysSocket.MSG_DONTWAIT) is > 0 and var length)
                    heard.Add(Words(buffer.AsSpan(10, (int)length - 10)));
            }
        }

        public void Dispose()
        {
            port.Dispose();
            endpoint.Dispose();
        }
    }
}
