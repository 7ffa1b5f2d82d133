using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SoftSwitch.Linux.Endpoints.HostWay;
using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Interop;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Packets;
using SoftSwitch.SystemTests.Linux;
using SoftSwitch.SystemTests.Peers;
using static SoftSwitch.SystemTests.Outside.Datagrams;

namespace SoftSwitch.SystemTests.Outside;

/// <summary>The way to the host as the translation sees it: the test holds the tap and speaks as the link-local address.</summary>
[Collection(typeof(AloneOnTheMachine))]
public class HostWayTests
{
    private static readonly MacAddress Ours = MacAddress.Parse("02:53:00:00:00:77");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_host_answers_a_guest_with_the_shared_address_and_reaches_us_with_it(int filtering)
    {
        using var host = new Neighbors();
        Filter(host, filtering);
        using var way = Way.Open(host);
        using var service = host.Bound(SocketType.Dgram, "0.0.0.0", 7777);
        var (guest, shared) = (way.Address, Neighbors.Host);

        way.Send(Echo(Ours, way.Mac, guest, shared));
        Assert.Equal($"icmp 0 from {shared} to {guest} by {Ours}", way.Heard());
        way.Send(Tcp(Ours, way.Mac, guest, shared, 40000, 8888, Syn));
        Assert.Equal($"tcp 8888 to 40000 rst from {shared} to {guest} by {Ours}", way.Heard());

        // A service that doesn't say where it answers from.
        way.Send(Udp(Ours, way.Mac, guest, shared, 40000, 7777));
        Assert.True(service.Poll(5_000_000, SelectMode.SelectRead));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        service.ReceiveFrom(new byte[100], ref from);
        Assert.Equal($"{guest}:40000", from.ToString());
        service.SendTo(new byte[8], from);
        Assert.Equal($"udp 7777 to 40000 from {shared} to {guest} by {Ours}", way.Heard());

        // The host's own connection to a forward.
        using var client = host.Sandbox.Namespace.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        const int port = 41000;
        client.Bind(new IPEndPoint(IPAddress.Any, port));
        client.Blocking = false;
        Assert.Throws<SocketException>(() => client.Connect(guest.ToString(), 2222));
        Assert.Equal($"tcp {port} to 2222 syn from {shared} to {guest} by {Ours}", way.Heard());
        way.Send(Tcp(Ours, way.Mac, guest, shared, 2222, port, Syn | Acknowledge, way.Asked + 1));
        Assert.Equal($"tcp {port} to 2222 from {shared} to {guest} by {Ours}", way.Heard());
        Assert.True(client.Poll(5_000_000, SelectMode.SelectWrite));
    }

    [Fact]
    public void A_packet_to_the_loopback_is_nobodys_and_the_tap_says_nothing_by_itself()
    {
        using var host = new Neighbors();
        using var way = Way.Open(host);
        using var service = host.Bound(SocketType.Dgram, "0.0.0.0", 7777);
        way.Send(Udp(Ours, way.Mac, way.Address, Ipv4Address.Parse("127.0.0.1"), 40000, 7777));
        way.Send(Echo(Ours, way.Mac, way.Address, Ipv4Address.Parse("127.0.0.1")));
        way.Send(Echo(Ours, way.Mac, way.Address, Neighbors.Host));
        // What is heard first is the answer to the last.
        Assert.Equal($"icmp 0 from {Neighbors.Host} to {way.Address} by {Ours}", way.Heard());
        Assert.False(service.Poll(0, SelectMode.SelectRead));
    }

    [Fact]
    public void Another_leg_takes_another_address_and_a_routed_one_is_left_alone()
    {
        using var host = new Neighbors();
        using var first = Way.Open(host);
        host.Sandbox.Links.AddHostRoute(host.Nic, new(first.Address.Value + 1), null);
        using var second = Way.Open(host, "way2");
        Assert.Equal("169.254.83.1", first.Address.ToString());
        Assert.Equal("169.254.83.3", second.Address.ToString());
        first.Close();
        Assert.DoesNotContain(host.Sandbox.Links.Routes(), route => route.Destination.Address == first.Address);
        Assert.Null(host.Sandbox.Links.Find("way"));
    }

    [Fact]
    public void Route_and_source_follow_the_hosts_address_and_heal_when_the_tap_was_down()
    {
        using var host = new Neighbors();
        using var way = Way.Open(host);
        var links = host.Sandbox.Links;
        Assert.Equal(Neighbors.Host, Source(links, way));
        var changed = Ipv4Address.Parse("192.0.2.200");
        host.Sandbox.Namespace.Run(() => Shell.RunAsCaller("ip", ["addr", "del", "192.0.2.1/24", "dev", "nic"]).Succeeded());
        links.AddAddress(host.Nic, changed, 24);
        way.Endpoint.Follow(HostIpv4.Read(links), changed);
        Assert.Equal(changed, Source(links, way));

        links.SetDown(way.Index);
        links.SetUp(way.Index);
        Assert.DoesNotContain(links.Routes(), route => route.Destination.Address == way.Address);
        way.Endpoint.Follow(HostIpv4.Read(links), changed);
        way.Send(Echo(Ours, way.Mac, way.Address, changed));
        Assert.Equal($"icmp 0 from {changed} to {way.Address} by {Ours}", way.Heard());

        using var monitor = new RouteMonitor(host.Sandbox.Namespace);
        way.Endpoint.Follow(HostIpv4.Read(links), changed);
        Assert.Equal(RouteNews.None, monitor.Read());
    }

    private static Ipv4Address? Source(Links links, Way way) =>
        links.Routes().Single(route => route.Destination.Address == way.Address).Source;

    private static void Filter(Neighbors host, int filtering) => host.Sandbox.Namespace.Run(() =>
    {
        foreach (var place in (string[])["all", "default", "nic"])
            File.WriteAllText($"/proc/sys/net/ipv4/conf/{place}/rp_filter", $"{filtering}");
    });

    private sealed unsafe class Way(HostWayEndpoint endpoint, DevicePort port) : IDisposable
    {
        private readonly byte[] _buffer = new byte[70_000];

        internal HostWayEndpoint Endpoint => endpoint;

        internal Ipv4Address Address { get; } = endpoint.Address!.Value;

        internal MacAddress Mac { get; } = endpoint.Mac!.Value;

        internal int Index { get; private init; }

        internal uint Asked { get; private set; }

        internal static Way Open(Neighbors host, string name = "way")
        {
            Need.Tun();
            return host.Sandbox.Namespace.Run(() =>
            {
                var endpoint = new HostWayEndpoint(new(name, name, HostWayEndpoint.MaxMtu), Ours, Neighbors.Host);
                return new Way(endpoint, endpoint.Open(new Site().Endpoint)) { Index = host.Sandbox.Links.Find(name)!.Index };
            });
        }

        internal void Send(byte[] frame)
        {
            byte[] whole = [.. new byte[port.OffloadHeaderLength], .. frame];
            fixed (byte* start = whole)
                Assert.Equal(whole.Length, (int)Libc.write(port.Descriptors[0].Fd, start, (nuint)whole.Length));
        }

        /// <summary>The next frame that the host sends to us, in words.</summary>
        internal string Heard()
        {
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromSeconds(10);)
            {
                var wait = new Libc.pollfd { fd = port.Descriptors[0].Fd, events = Libc.POLLIN };
                if (Libc.poll(&wait, 1, 1000) <= 0)
                    continue;
                fixed (byte* start = _buffer)
                {
                    var length = (int)Libc.read(port.Descriptors[0].Fd, start, (nuint)_buffer.Length);
                    var frame = _buffer.AsSpan(port.OffloadHeaderLength, length - port.OffloadHeaderLength);
                    if (frame[12] != 8 || frame[13] != 0)
                        return Words(frame);
                    if (frame[23] == IpProtocol.Tcp)
                        Asked = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(frame[(14 + 20 + 4)..]);
                    return $"{Words(frame)} from {Ipv4Address.Read(frame[26..])} to {Ipv4Address.Read(frame[30..])} by "
                        + $"{MacAddress.Read(frame)}";
                }
            }
            return "nothing";
        }

        internal void Close() => Dispose();

        public void Dispose()
        {
            port.Dispose();
            endpoint.Dispose();
        }
    }
}
