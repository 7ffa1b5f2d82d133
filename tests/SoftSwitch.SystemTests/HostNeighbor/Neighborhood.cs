using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.HostNeighbor;

/// <summary>
/// A host with one NIC, a station at the other end of its cable, and a guest on the host's switch: all three on one LAN. The host has the
/// strictest reverse path filter.
/// </summary>
internal sealed class Neighborhood : IDisposable
{
    public const string HostAddress = "10.9.0.1", StationAddress = "10.9.0.2", GuestAddress = "10.9.0.77";
    public const string HostAddress6 = "fd09::1", StationAddress6 = "fd09::2", GuestAddress6 = "fd09::77";
    public const string HostMac = "02:00:00:00:00:01", GuestMac = "52:54:00:00:00:77";
    public const string Helper = "sh-nic";

    /// <summary>Bytes of a stream that no queue between host and guest holds: the helper's alone takes 500 super-frames.</summary>
    public const long Much = 200_000_000;

    public Neighborhood(bool start = true)
    {
        Host.Check("sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1");
        Plug();
        Guests.Check("ip link set lo up");
        Before = State();
        if (start)
            Start();
    }

    public NetNs Host { get; } = new("host");

    /// <summary>The other end of the cable, <c>eth0</c>.</summary>
    public NetNs Station { get; } = new("lan");

    /// <summary>The guest, <c>eth0</c>.</summary>
    public NetNs Guests { get; } = new("guest");

    public SoftSwitchProcess? Switch { get; private set; }

    /// <summary>The host before any switch ran.</summary>
    public string Before { get; }

    /// <summary>The cable between host and station, and both their addresses.</summary>
    public void Plug()
    {
        Host.Check($"ip link add name nic address {HostMac} type veth peer name eth0 netns {Station.Name}");
        Host.Up("nic");
        Station.Up("eth0");
        Host.Address("nic", $"{HostAddress}/16");
        Host.Address("nic", $"{HostAddress6}/64");
        Station.Address("eth0", $"{StationAddress}/16");
        Station.Address("eth0", $"{StationAddress6}/64");
    }

    public void Start()
    {
        Switch?.Dispose();
        Switch = SoftSwitchProcess.Start($$"""
            networks: { office: { mode: bridged, uplink: nic } }
            ports:
              guest: { network: office, kind: veth, netns: "{{Guests.Name}}", interface: eth0, mac: "{{GuestMac}}",
                       address: {{GuestAddress}}/16 }
            """, Host);
        Guests.Address("eth0", $"{GuestAddress6}/64");
        Ping.Wait(Guests, StationAddress);
    }

    public string? PortState(string port) =>
        Switch!.Items("ports").Single(item => item.GetProperty("name").GetString() == port).GetProperty("state").GetString();

    /// <summary>Everything about the host's network that could be left behind.</summary>
    public string State()
    {
        // Counters and ages differ; the rest must not.
        var links = Host.Check("ip -o -d link").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order();
        return string.Join('\n', links)
            + Host.Check("ip -o addr") + Host.Check("ip -4 route show table all") + Host.Check("ip rule")
            + Host.Check("nft list ruleset") + Host.Check("tc qdisc show") + Host.Check("tc filter show dev nic ingress")
            + Host.Check("tc filter show dev nic egress");
    }

    public void Dispose()
    {
        Switch?.Dispose();
        Guests.Dispose();
        Station.Dispose();
        Host.Dispose();
    }
}
