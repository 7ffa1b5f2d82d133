using System.Net;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// A host with addresses on two NICs and a VPN, that runs a switch with a network of each kind beside each other, as docs/nat.md has it
/// ("Who reaches what"); each of those who stand there has a namespace, by the name that the page gives him.
/// <code>
///   router 192.0.2.1 ── nic ─┬─ host ─── nic2 ── neighbor 172.30.0.1
///                            │   └ ho: host-only, a, b: nat with the host's address
///                            └─ lan: bridged, c, d: nat with addresses of their own
/// </code>
/// </summary>
internal sealed class Crossroads : IDisposable
{
    /// <summary>The guest of the bridged network.</summary>
    public const string Bridged = "192.0.2.77";

    private const string Router = "192.0.2.1", Neighbor = "172.30.0.1";

    private static readonly string[] s_host = ["192.0.2.2", "192.0.2.3", "172.30.0.2", "10.99.0.1", "10.30.0.1"];

    private static readonly (string Name, string Address, string Gateway)[] s_guests =
    [
        ("ho", "10.30.0.5", "10.30.0.1"), ("a", "10.10.0.5", "10.10.0.1"), ("b", "10.11.0.5", "10.11.0.1"),
        ("c", "10.12.0.5", "10.12.0.1"), ("d", "10.13.0.5", "10.13.0.1"), ("lan", Bridged, Router),
    ];

    private readonly Dictionary<string, NetNs> _spaces = [];
    private readonly Dictionary<string, NetworkNamespace> _open = [];
    private readonly List<WhoServer> _servers = [];

    /// <param name="outside">Of the networks that share the host's address; left out: where the host's routing leads.</param>
    /// <param name="isBridged">There is a bridged network on the NIC.</param>
    public Crossroads(string outside = "{}", bool isBridged = true)
    {
        Need.Tun();
        try
        {
            var guests = s_guests.Where(guest => isBridged || guest.Address != Bridged).ToArray();
            foreach (var name in new[] { "router", "neighbor", "host" }.Concat(guests.Select(guest => guest.Name)))
            {
                _spaces.Add(name, new(name));
                _open.Add(name, NetworkNamespace.Open(this[name].Path));
            }
            Wire();
            Switch = SoftSwitchProcess.Start(Config($"outside: {outside}, ", guests), Host);
            foreach (var (name, _, gateway) in guests)
                this[name].Check($"ip route add default via {gateway}");
            Serve();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public SoftSwitchProcess? Switch { get; }

    public NetNs Host => this["host"];

    public NetNs this[string name] => _spaces[name];

    /// <summary>Asks from all of them for all of these, at the same time, by each of the protocols.</summary>
    public async Task<bool[]> Ask(IEnumerable<(string Who, IPEndPoint What, string Protocol)> questions, TimeSpan wait) =>
        await Task.WhenAll(questions.Select(one => Probe.Reaches(_open[one.Who], one.Protocol, one.What, wait)));

    public void Dispose()
    {
        Switch?.Dispose();
        _servers.ForEach(server => server.Dispose());
        foreach (var space in _open.Values)
            space.Dispose();
        foreach (var space in _spaces.Values)
            space.Dispose();
    }

    private string Config(string outside, (string Name, string Address, string Gateway)[] guests)
    {
        string Own(string address) => $"outside: {{ interface: nic, address: {address}/24, gateway: {Router} }}, ";
        string Nat(string name, int subnet, int port, string out_) =>
            $"{name}: {{ mode: nat, subnet: 10.{subnet}.0.0/24, {out_}forwards: [{{ from: tcp/{port}, to: \"10.{subnet}.0.5:7000\" }}, "
                + $"{{ from: udp/{port}, to: \"10.{subnet}.0.5:7000\" }}] }}";
        string Port((string Name, string Address, string Gateway) guest) => $"{guest.Name}1: {{ network: {guest.Name}, kind: tap, "
            + $"netns: \"{this[guest.Name].Name}\", interface: eth0, address: {guest.Address}/24 }}";
        return $$"""
            networks:
              ho: { mode: host-only, subnet: 10.30.0.0/24 }
              {{Nat("a", 10, 8001, outside)}}
              {{Nat("b", 11, 8002, outside)}}
              {{Nat("c", 12, 8003, Own("192.0.2.10"))}}
              {{Nat("d", 13, 8004, Own("192.0.2.11"))}}
              {{(guests.Any(guest => guest.Address == Bridged) ? "lan: { mode: bridged, uplink: nic }" : "")}}
            ports:
              {{string.Join("\n  ", guests.Select(Port))}}
            """;
    }

    private void Wire()
    {
        Host.Veth("nic", this["router"], "lan0");
        Host.Veth("nic2", this["neighbor"], "eth0");
        Host.Check("ip tuntap add dev vpn mode tun");
        Host.Up("vpn");
        foreach (var (nic, address) in new[] { ("nic", s_host[0]), ("nic", s_host[1]), ("nic2", s_host[2]) })
            Host.Address(nic, $"{address}/24");
        Host.Address("vpn", $"{s_host[3]}/32");
        Host.Check($"ip route add default via {Router}");
        this["router"].Address("lan0", $"{Router}/24");
        this["router"].Check("sysctl -qw net.ipv4.ip_forward=1");
        foreach (var other in s_host[2..])
            this["router"].Check($"ip route add {other}/32 via {s_host[0]}");
        this["neighbor"].Address("eth0", $"{Neighbor}/24");
        this["neighbor"].Check($"ip route add default via {s_host[2]}");
    }

    /// <summary>Everybody has a service; the host has one at each of its addresses, so that answers come from there.</summary>
    private void Serve()
    {
        foreach (var address in s_host)
            _servers.Add(new(Host, ReachTable.ServicePort, address));
        foreach (var (name, space) in _spaces)
        {
            if (name != "host")
                _servers.Add(new(space, ReachTable.ServicePort));
        }
    }
}
