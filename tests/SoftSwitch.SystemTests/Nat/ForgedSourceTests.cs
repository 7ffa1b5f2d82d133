using System.Net;
using System.Net.Sockets;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Translation;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A machine of the LAN that says it is a guest, behind the way to the host: the host's programs don't hear it, whatever the
/// kernel's filter of sources (<c>rp_filter</c>) lets pass.</summary>
public sealed class ForgedSourceTests : IDisposable
{
    private const int Service = 7000, Forwarded = 2222, Client = 41_000;

    private readonly World _world = new();

    public ForgedSourceTests() => _world.Host.Up("lo");

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Nobody_on_the_LAN_speaks_to_the_host_with_the_address_of_the_way_to_it(int filtering)
    {
        Filter(filtering);
        using var started = Start();
        using var service = RawDatagram.Socket(_world.Host, World.HostAddress, Service, wait: 500);
        using var forger = Forger(WayAddress(), Service);
        var host = new IPEndPoint(IPAddress.Parse(World.HostAddress), Service);
        forger.SendTo(new byte[16], host);
        Assert.Null(Heard(service));
        // A guest is heard by that address, and the LAN by its own.
        using var guest = RawDatagram.Socket(_world.One, World.OneAddress, Client);
        guest.SendTo(new byte[16], host);
        Assert.StartsWith(WayAddress(), Heard(service));
        using var neighbor = RawDatagram.Socket(_world.Lan, World.LanAddress, Client);
        neighbor.SendTo(new byte[16], host);
        Assert.Equal($"{World.LanAddress}:{Client}", Heard(service));
        started.Terminate();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Nobody_on_the_LAN_answers_a_program_of_the_host_in_a_guest_s_place(int filtering)
    {
        Filter(filtering);
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        using var client = RawDatagram.Socket(_world.Host, World.HostAddress, Client, wait: 500);
        var asked = new IPEndPoint(IPAddress.Parse(World.HostAddress), Forwarded);
        client.SendTo("who"u8, asked);
        Assert.Equal($"{World.HostAddress}:{Forwarded}", Heard(client));
        using var forger = Forger(WayAddress(), Forwarded);
        forger.SendTo(new byte[16], new IPEndPoint(IPAddress.Parse(World.HostAddress), Client));
        Assert.Null(Heard(client));
        started.Terminate();
    }

    /// <summary>The kernel has no such filter for IPv6.</summary>
    [Fact]
    public void Nor_with_the_address_by_which_programs_that_ask_the_loopback_are_led()
    {
        const string own = "2001:db8::2";
        _world.Host.Check($"ip -6 addr add {own}/64 dev nic nodad");
        _world.Lan.Check("ip -6 addr add 2001:db8::1/64 dev lan0 nodad");
        using var started = Start();
        using var server = new WhoServer(_world.One, 4000);
        Eventually.Holds(() => Conversation.Seen(_world.Host, "udp", "::1", Forwarded, seconds: 1) is not null);
        using var service = RawDatagram.Socket(_world.Host, own, Service, wait: 500);
        var host = new IPEndPoint(IPAddress.Parse(own), Service);
        using var neighbor = RawDatagram.Socket(_world.Lan, "2001:db8::1", Client);
        neighbor.SendTo(new byte[16], host);
        Assert.Equal($"[2001:db8::1]:{Client}", Heard(service));
        var way = EmbeddedAddress.Of(Ipv4Address.Parse(WayAddress())).ToString();
        _world.Lan.Check($"ip -6 addr add {way}/128 dev lan0 nodad");
        using var forger = RawDatagram.Socket(_world.Lan, way, Service);
        forger.SendTo(new byte[16], host);
        Assert.Null(Heard(service));
        started.Terminate();
    }

    [Fact]
    public void What_keeps_them_out_goes_with_the_switch_and_comes_back_with_the_way()
    {
        using var started = Start();
        Assert.Contains("iifname != \"sn-dev\"", Rules());
        _world.Host.Check("ip link del sn-dev");
        using var service = RawDatagram.Socket(_world.Host, World.HostAddress, Service, wait: 500);
        using var guest = RawDatagram.Socket(_world.One, World.OneAddress, Client);
        Eventually.Holds(() =>
        {
            guest.SendTo(new byte[16], new IPEndPoint(IPAddress.Parse(World.HostAddress), Service));
            return Heard(service) is not null;
        });
        Assert.Contains("iifname != \"sn-dev\"", Rules());
        started.Kill();
        Eventually.Equal("", Rules);
    }

    private string Rules() => _world.Host.Check("nft list ruleset");

    /// <summary>As a machine that takes the address for itself.</summary>
    private Socket Forger(string address, int port)
    {
        Ping.Wait(_world.Lan, World.HostAddress);
        _world.Lan.Check($"ip addr add {address}/32 dev lan0");
        return RawDatagram.Socket(_world.Lan, address, port);
    }

    private string WayAddress() => _world.Host.Check("ip route show table local dev sn-dev").Split(' ')
        .First(word => word.StartsWith("169.254.83."));

    private void Filter(int filtering) => _world.Host.Exec("sh",
        ["-c", $"for f in all default nic; do echo {filtering} > /proc/sys/net/ipv4/conf/$f/rp_filter; done"]).Succeeded();

    private static string? Heard(Socket socket)
    {
        EndPoint from = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        try
        {
            socket.ReceiveFrom(new byte[2_000], ref from);
            return from.ToString();
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            return null;
        }
    }

    private SoftSwitchProcess Start() => _world.Start($$"""
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            forwards: [{ from: tcp/2222, to: "one:4000" }, { from: udp/2222, to: "one:4000" }]
        {{_world.Ports}}
        """);
}
