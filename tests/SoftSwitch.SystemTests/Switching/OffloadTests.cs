using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>Streams that kernels leave to be finished in unusual ways: tunnels, BIG TCP.</summary>
[Collection(typeof(AloneOnTheMachine))]
public sealed class OffloadTests
{
    [Theory]
    [InlineData("veth", "")]
    [InlineData("veth", "udpcsum")]
    [InlineData("tap", "")]
    [InlineData("tap", "udpcsum")]
    public void A_TCP_stream_in_VXLAN_crosses(string kind, string checksum)
    {
        using var lab = new Pair(kind);
        Tunnel(lab.One, "10.7.0.2", "10.9.0.1/24", checksum);
        Tunnel(lab.Two, "10.7.0.1", "10.9.0.2/24", checksum);
        Ping.Wait(lab.One, "10.9.0.2");
        Iperf.Delivers(lab.One, lab.Two, "10.9.0.2", bytes: 50_000_000);
        Assert.DoesNotContain(lab.Switch.Items("drops"),
            drop => drop.GetProperty("reason").GetString()!.StartsWith("offload", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("noudpcsum")]
    [InlineData("udpcsum")]
    public void What_leaves_in_VXLAN_by_a_NIC_without_offloads_is_whole_and_right_inside_too(string checksum)
    {
        using var lab = new NicTests.Lab();
        lab.Host.OffloadsOff("nic2");
        lab.Right.OffloadsOff("eth0");
        Tunnel(lab.Left, "10.7.0.2", "10.9.0.1/24", checksum);
        Tunnel(lab.Right, "10.7.0.1", "10.9.0.2/24", checksum);
        Ping.Wait(lab.Left, "10.9.0.2");
        using var capture = new Capture(lab.Right, "eth0");
        Iperf.Delivers(lab.Left, lab.Right, "10.9.0.2", bytes: 10_000_000);
        var file = capture.Stop();
        var (count, faults) = AtOnce.Do(() => Tshark.Count(file, "vxlan && tcp.len > 0"), () => Tshark.Judge(file));
        Assert.True(count > 2000);
        Assert.Empty(faults);
    }

    /// <summary>As a unit with CapabilityBoundingSet= starts it.</summary>
    [Fact]
    public void Who_may_load_no_program_has_what_is_in_VXLAN_cut_in_software()
    {
        using NetNs host = new("host"), left = new("left"), right = new("right");
        foreach (var (ns, nic, address) in new[] { (left, "nic1", "10.7.0.1/24"), (right, "nic2", "10.7.0.2/24") })
        {
            host.Veth(nic, ns, "eth0");
            host.OffloadsOff(nic);
            ns.Address("eth0", address);
        }
        var file = TemporaryFolder.NewPath(".yaml");
        File.WriteAllText(file,
            "networks: { lan: { mode: internal } }\nports: { nic1: { network: lan, kind: nic }, nic2: { network: lan, kind: nic } }\n");
        using var started = host.Start("setpriv",
            ["--bounding-set=-all,+net_admin,+net_raw", "--inh-caps=-all", PublishedExecutable.Path, "run", file,
                "--socket", TemporaryFolder.NewPath(".sock")]);
        started.WaitForOutputLine("ready");
        Tunnel(left, "10.7.0.2", "10.9.0.1/24", "udpcsum");
        Tunnel(right, "10.7.0.1", "10.9.0.2/24", "udpcsum");
        Ping.Wait(left, "10.9.0.2");
        right.OffloadsOff("eth0");
        using var capture = new Capture(right, "eth0");
        Iperf.Delivers(left, right, "10.9.0.2", bytes: 10_000_000);
        var record = capture.Stop();
        var (count, faults) = AtOnce.Do(() => Tshark.Count(record, "vxlan && tcp.len > 0"), () => Tshark.Judge(record));
        Assert.True(count > 2000);
        Assert.Empty(faults);
    }

    [Fact]
    public void A_TCP_stream_in_VXLAN_goes_out_through_the_translation()
    {
        using var world = new Nat.World();
        using var started = world.Start($$"""
            networks:
              dev:
                mode: nat
                subnet: {{Nat.World.Inside}}
                forwards: [ { from: udp/{{Tshark.VxlanPort}}, to: "{{Nat.World.OneAddress}}:{{Tshark.VxlanPort}}" } ]
            {{world.Ports}}
            """);
        Tunnel(world.One, Nat.World.FarAddress, "10.9.0.1/24", "udpcsum");
        Tunnel(world.Far, Nat.World.HostAddress, "10.9.0.2/24", "udpcsum");
        Ping.Wait(world.One, "10.9.0.2");
        Iperf.Delivers(world.One, world.Far, "10.9.0.2", bytes: 20_000_000);
        Iperf.Delivers(world.One, world.Far, "10.9.0.2", reverse: true, bytes: 20_000_000);
    }

    [Fact]
    public void BIG_TCP_crosses()
    {
        using var lab = new Pair("veth");
        foreach (var ns in new[] { lab.One, lab.Two })
        {
            if (ns.Run("ip link set dev eth0 gso_max_size 180000 gro_max_size 180000").ExitStatus != 0)
                Need.Missing("needs BIG TCP: Linux 5.19 and iproute2 5.19");
        }
        using var capture = new Capture(lab.One, "eth0", "out", "ip6 and greater 66000", bytes: 128);
        lab.One.Address("eth0", "fd07::1/64");
        lab.Two.Address("eth0", "fd07::2/64");
        Ping.Wait(lab.One, "fd07::2");
        Iperf.Delivers(lab.One, lab.Two, "fd07::2", bytes: 200_000_000);
        Assert.DoesNotContain(lab.Switch.Items("drops"), drop => drop.GetProperty("reason").GetString() == "too-long");
        Assert.True(Tshark.Count(capture.Stop(), "") > 100);
    }

    private static void Tunnel(NetNs ns, string remote, string address, string checksum)
    {
        if (ns.Run($"ip link add vx type vxlan id 7 remote {remote} dstport {Tshark.VxlanPort} dev eth0 {checksum}").ExitStatus != 0)
            Need.Missing("needs VXLAN: modprobe vxlan");
        ns.Up("vx");
        ns.Address("vx", address);
    }

    /// <summary>Two namespaces with a port of one kind each.</summary>
    private sealed class Pair : IDisposable
    {
        public Pair(string kind)
        {
            if (kind == "tap")
                Need.Tun();
            Switch = SoftSwitchProcess.Start($$"""
                networks: { lan: { mode: internal } }
                ports:
                  one: { network: lan, kind: {{kind}}, netns: "{{One.Name}}", interface: eth0, address: 10.7.0.1/24 }
                  two: { network: lan, kind: {{kind}}, netns: "{{Two.Name}}", interface: eth0, address: 10.7.0.2/24 }
                """);
        }

        public NetNs One { get; } = new("one");

        public NetNs Two { get; } = new("two");

        public SoftSwitchProcess Switch { get; }

        public void Dispose()
        {
            Switch.Dispose();
            One.Dispose();
            Two.Dispose();
        }
    }
}
