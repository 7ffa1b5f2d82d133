using System.Net.Sockets;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Persistence;

/// <summary>What guests and outsiders rely on, over an end and over kill -9: MAC addresses, and forwards to guests that only
/// wait.</summary>
public sealed class RestartTests : IDisposable
{
    private readonly World _world = new();
    private readonly NetNs _guest = new("guest");
    private readonly string _state = TemporaryFolder.NewPath(".state");

    public RestartTests()
    {
        _world.Host.Veth("cable", _guest, "eth0");
        // The host's own stack would answer there for its address in a host-only network.
        _world.Host.Exec("sh", ["-c", "echo 1 > /proc/sys/net/ipv4/conf/cable/arp_ignore"]).Succeeded();
    }

    public void Dispose()
    {
        _guest.Dispose();
        _world.Dispose();
        if (Directory.Exists(_state))
            Directory.Delete(_state, recursive: true);
    }

    [Fact]
    public void Interfaces_keep_their_MACs_and_a_guest_with_a_cached_one_reaches_host_and_gateway_at_once()
    {
        _guest.Address("eth0", "192.168.56.20/24");
        using var other = new NetNs("other");
        _world.Host.Veth("wire", other, "eth0");
        other.Address("eth0", "10.10.0.20/24");
        var config = $$"""
            state: {{_state}}
            networks:
              lab: { mode: host-only, subnet: 192.168.56.0/24, host: { interface: ss-lab } }
              dev: { mode: nat, subnet: {{World.Inside}},
                     outside: { interface: nic, address: {{World.OwnAddress}}/24, gateway: {{World.LanAddress}} } }
            ports:
              box: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0, address: 192.168.56.9/24 }
              pod: { network: lab, kind: veth, netns: "{{_world.Two.Name}}", interface: eth0, address: 192.168.56.10/24 }
              own: { network: lab, kind: tap, netns: "{{_world.Two.Name}}", interface: eth9, mac: "52:54:00:00:00:09" }
              vm1: { network: lab, kind: guest }
              cable: { network: lab, kind: nic, interface: cable }
              wire: { network: dev, kind: nic, interface: wire }
            """;
        (NetNs From, string To)[] ways = [(_guest, "192.168.56.1"), (_guest, "192.168.56.9"), (_guest, "192.168.56.10"),
            (other, World.Gateway), (_world.Lan, World.OwnAddress)];
        string? before = null;
        foreach (var killed in new[] { true, false, true })
        {
            using var started = SoftSwitchProcess.Start(config, _world.Host);
            foreach (var (from, to) in before is null ? [] : ways)
                Assert.True(IsReachedAtOnce(from, to), $"{to} is not reached after a restart");
            before ??= Macs(started);
            Assert.Equal(before, Macs(started));
            Assert.Contains("52:54:00:00:00:09", before);
            foreach (var (from, to) in ways)
                Eventually.Holds(() => IsReachedAtOnce(from, to));
            if (killed) started.Kill();
            else started.Terminate();
            Eventually.Holds(() => _world.Host.Run("ip link show dev ss-lab").ExitStatus != 0);
        }
        // With another salt all are others: that is announced, so nobody waits until what he remembers has run out.
        Directory.Delete(_state, recursive: true);
        using var changed = SoftSwitchProcess.Start(config, _world.Host);
        foreach (var (from, to) in ways)
            Eventually.Holds(() => IsReachedAtOnce(from, to), seconds: 3);
        Assert.Equal(["52:54:00:00:00:09"], before!.Split(' ').Intersect(Macs(changed).Split(' ')));
    }

    [Fact]
    public void Another_machine_gives_other_addresses_to_the_same_file()
    {
        Need.RealRoot("another /etc/machine-id in a mount namespace");
        Need.Tool("unshare");
        Need.File("/etc/machine-id", "systemd");
        var (file, id) = (TemporaryFolder.NewPath(".yaml"), TemporaryFolder.NewPath(".id"));
        try
        {
            File.WriteAllText(file,
                $"state: {_state}\nnetworks: {{ lan: {{ mode: internal }} }}\nports: {{ vm1: {{ network: lan, kind: guest }} }}\n");
            var here = Shell.Run(PublishedExecutable.Path, ["attach", "vm1", "--config", file]).Succeeded().Output;
            Assert.Equal(here, Shell.Run(PublishedExecutable.Path, ["attach", "vm1", "--config", file]).Succeeded().Output);
            File.WriteAllText(id, "00112233445566778899aabbccddeeff\n");
            var there = Shell.Run("unshare", ["-m", "sh", "-c", $"mount --bind {id} /etc/machine-id && exec \"$@\"", "sh",
                PublishedExecutable.Path, "attach", "vm1", "--config", file]).Succeeded().Output;
            Assert.NotEqual(here, there);
            Assert.Matches("mac=.2(:[0-9a-f]{2}){5}", here);
            Assert.DoesNotContain("00112233445566778899aabbccddeeff", string.Concat(Directory.GetFiles(_state).Select(File.ReadAllText)));
        }
        finally
        {
            File.Delete(file);
            File.Delete(id);
        }
    }

    [Fact]
    public void A_forward_to_a_port_finds_a_guest_that_only_waits_and_knows_it_after_a_kill()
    {
        using (var started = StartWithForward())
        {
            // Nobody has an address there: that is said, counted, and told to whoever asks once everybody was asked.
            started.WaitForLine("forwards tcp/2222, udp/2222 wait: no address of port cable known yet");
            Assert.Equal(["tcp/2222", "udp/2222"], Waiting(started));
            Eventually.Holds(() => Asking(_world.Far) == SocketError.HostUnreachable, seconds: 45);
            Eventually.Holds(() => Asking(_world.Host) is not (SocketError.Success or SocketError.TimedOut));
            Assert.Contains(started.Items("drops"), drop => drop.GetProperty("reason").GetString() == "forward-waits");

            Give("10.10.0.77");
            started.WaitForLine("lead to 10.10.0.77", TimeSpan.FromSeconds(40));
            using var server = new WhoServer(_guest, 4000);
            Serves(1);
            Eventually.Holds(() => File.Exists(Path.Combine(_state, "addresses")));
            started.Kill();
        }
        _guest.Check("ip neigh flush dev eth0");
        using (var again = StartWithForward())
        {
            using var server = new WhoServer(_guest, 4000);
            Assert.Empty(Waiting(again));
            Serves(1);
            again.Terminate();
        }
    }

    [Fact]
    public void A_forward_to_a_port_follows_the_address_that_was_heard_last()
    {
        using var started = StartWithForward();
        Give("10.10.0.20");
        _guest.Run($"ping -n -c 1 -W 1 {World.Gateway}");
        started.WaitForLine("lead to 10.10.0.20");
        // Another one, which has spoken.
        _guest.Check("ip addr del 10.10.0.20/24 dev eth0");
        Give("10.10.0.21");
        _guest.Run($"ping -n -c 1 -W 1 {World.Gateway}");
        using (new WhoServer(_guest, 4000))
            Serves(10);
        // A second beside it, which spoke last: only it serves.
        _guest.Address("eth0", "10.10.0.22/24");
        _guest.Run($"ping -n -c 1 -W 1 -I 10.10.0.22 {World.Gateway}");
        using var server = new WhoServer(_guest, 4000, "10.10.0.22");
        Serves(10);
    }

    private SoftSwitchProcess StartWithForward() => SoftSwitchProcess.Start($$"""
        state: {{_state}}
        networks:
          dev: { mode: nat, subnet: {{World.Inside}}, outside: {},
                 forwards: [{ from: tcp/2222, to: "cable:4000" }, { from: udp/2222, to: "cable:4000" }] }
        ports:
          cable: { network: dev, kind: nic, interface: cable }
        """, _world.Host);

    private static bool IsReachedAtOnce(NetNs from, string to) => from.Run($"ping -n -c 1 -W 1 {to}").ExitStatus == 0;

    private void Give(string address)
    {
        _guest.Address("eth0", $"{address}/24");
        _guest.Check($"ip route replace default via {World.Gateway}");
    }

    private SocketError Asking(NetNs from)
    {
        using var conversation = Conversation.Open(from, "tcp", World.HostAddress, 2222, seconds: 1);
        if (conversation.Error == SocketError.Success)
            conversation.Ask(1);
        return conversation.Error;
    }

    private void Serves(int seconds)
    {
        foreach (var protocol in new[] { "tcp", "udp" })
            Eventually.Holds(() => Conversation.Seen(_world.Far, protocol, World.HostAddress, 2222, seconds: 2) is not null, seconds);
    }

    private static IEnumerable<string?> Waiting(SoftSwitchProcess started) =>
        started.Items("networks").Single().GetProperty("nat").TryGetProperty("waiting", out var waiting)
            ? [.. waiting.EnumerateArray().Select(one => one.GetString())]
            : [];

    /// <summary>Of every interface that the switch has made, and of the gateway and the outside as others know them; but for the
    /// kernel's own choices, in no guest's hands.</summary>
    private string Macs(SoftSwitchProcess started)
    {
        // Those are a NIC's own.
        var ports = started.Items("ports").Where(port => port.GetProperty("kind").GetString() is not ("nic" or "host"))
            .Select(port => port.GetProperty("mac").GetString());
        return string.Join(' ', [_world.Host.Mac("ss-lab"), _world.One.Mac("eth0"), _world.Two.Mac("eth0"), _world.Two.Mac("eth9"),
            _world.Host.Mac("vm1"), .. ports]);
    }
}
