using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>
/// What lies outside a translating network, and two guests without a switch yet, each in a namespace:
/// <code>
///   one, two      whatever translates      a router        a server, also behind a narrow link
///   10.10.0.5 ──── host ─────────────────── lan ─────────── far
///   10.10.0.6      nic 192.0.2.2   lan0 192.0.2.1   ├─ 198.51.100.2, 198.51.100.3
///                                                   └─ 203.0.113.2 (MTU 1300)
/// </code>
/// Neither lan nor far knows a way back to the inside: what comes out untranslated is seen by a capture and answered by nobody.
/// </summary>
internal sealed class World : IDisposable
{
    public const string
        Inside = "10.10.0.0/24", Gateway = "10.10.0.1", OneAddress = "10.10.0.5", TwoAddress = "10.10.0.6",
        HostAddress = "192.0.2.2", OwnAddress = "192.0.2.10", LanAddress = "192.0.2.1",
        FarAddress = "198.51.100.2", FarOtherAddress = "198.51.100.3", NarrowAddress = "203.0.113.2";

    public const int NarrowMtu = 1300;

    /// <summary>Both guests, as the ports of a configuration.</summary>
    public string Ports =>
        $$"""
        ports:
          one: { network: dev, kind: tap, netns: "{{One.Name}}", interface: eth0, address: {{OneAddress}}/24 }
          two: { network: dev, kind: tap, netns: "{{Two.Name}}", interface: eth0, address: {{TwoAddress}}/24 }
        """;

    public World()
    {
        try
        {
            Host.Veth("nic", Lan, "lan0");
            Host.Address("nic", $"{HostAddress}/24");
            Host.Check($"ip route add default via {LanAddress}");
            Lan.Address("lan0", $"{LanAddress}/24");
            Lan.Veth("far0", Far, "eth0");
            Lan.Address("far0", "198.51.100.1/24");
            Far.Address("eth0", $"{FarAddress}/24");
            Far.Address("eth0", $"{FarOtherAddress}/24");
            Lan.Veth("narrow0", Far, "eth1", NarrowMtu);
            Lan.Address("narrow0", "203.0.113.1/24");
            Far.Address("eth1", $"{NarrowAddress}/24");
            Far.Check("ip route add 192.0.2.0/24 via 198.51.100.1");
            Lan.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]).Succeeded();
            // Errors of a test's own making come as fast as they are made, and whatever others make meanwhile: one of the kernel's limits
            // is for all namespaces together, and holds only for types in the mask.
            foreach (var ns in new[] { Host, Lan, Far, One, Two })
                ns.Exec("sh", ["-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratemask"]).Succeeded();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetNs Host { get; } = new("host");

    public NetNs Lan { get; } = new("lan");

    public NetNs Far { get; } = new("far");

    public NetNs One { get; } = new("one");

    public NetNs Two { get; } = new("two");

    /// <summary>Runs a switch in the host and, once it is ready, tells the guests of the gateway.</summary>
    public SoftSwitchProcess Start(string config)
    {
        Need.Tun();
        var started = SoftSwitchProcess.Start(config, Host);
        TellGuests();
        return started;
    }

    /// <summary>A default route for each guest that has an interface.</summary>
    public void TellGuests()
    {
        foreach (var guest in new[] { One, Two })
            if (guest.Run("ip link show dev eth0").ExitStatus == 0) guest.Check($"ip route replace default via {Gateway}");
    }

    /// <summary>The headers of everything that the host sends on its uplink, as it arrives at the router.</summary>
    public Capture CaptureUplink(string filter = "") => new(Lan, "lan0", filter: filter, bytes: 128);

    public void Dispose()
    {
        foreach (var ns in new[] { One, Two, Host, Lan, Far })
            ns.Dispose();
    }
}
