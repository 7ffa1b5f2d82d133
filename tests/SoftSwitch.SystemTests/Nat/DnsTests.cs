using System.Diagnostics;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>A guest that has nothing but a client of DHCP finds the outside and the others by name. Whom the host asks is dnsmasq, far
/// away.</summary>
public sealed class DnsTests : IDisposable
{
    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-dns-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
        foreach (var ns in (NetNs[])[_world.Host, _world.One])
        {
            if (Directory.Exists(Folder(ns)))
                Directory.Delete(Folder(ns), recursive: true);
        }
    }

    [Fact]
    public void It_finds_the_outside_by_name_and_each_name_is_asked_for_once()
    {
        using var far = Resolver(World.FarAddress, "--host-record=www.example.org,198.51.100.3,60");
        using var started = Start($"servers: [{World.FarAddress}]");
        Tell(_world.One);
        Assert.Equal(World.FarOtherAddress, Ask(_world.One, "www.example.org"));
        Assert.Equal(World.FarOtherAddress, Ask(_world.One, "WWW.Example.ORG"));
        Assert.Equal(1, Asked(far, "query[A] www.example.org"));
        // All of a guest's own programs ask like this.
        _world.One.Check("ping -c 1 -W 5 www");
        Assert.Contains("status: NXDOMAIN", Dig(_world.One, "nobody.example.org"), StringComparison.Ordinal);
        started.Terminate();
    }

    [Fact]
    public void Guests_find_each_other_by_the_names_of_their_ports_and_by_their_own()
    {
        using var started = Start($"servers: [{World.FarAddress}], hosts: {{ db: 10.10.0.99 }}", "domain: dev.example");
        var (one, two) = (Lease(_world.One, "mail"), Lease(_world.Two, "gateway"));
        Assert.Equal(two, Ask(_world.One, "two"));
        Assert.Equal(two, Ask(_world.One, "two.dev"));
        Assert.Equal(two, Ask(_world.One, "two.dev.example"));
        Assert.Equal(one, Ask(_world.Two, "mail.dev.example"));
        Assert.Equal("10.10.0.99", Ask(_world.Two, "db"));
        Assert.Equal(World.Gateway, Ask(_world.Two, "gateway"));
        Assert.Equal("mail.dev.example.", Ask(_world.Two, "-x", one));
        Assert.Equal("two.dev.example.", Ask(_world.One, "-x", two));
        Assert.Equal($"{World.Gateway} dev.example", File.ReadAllText(Path.Combine(_folder, "told")).Trim());
        var nobody = Dig(_world.One, "nobody.dev.example");
        Assert.Contains("status: NXDOMAIN", nobody, StringComparison.Ordinal);
        Assert.Contains(" aa ", nobody, StringComparison.Ordinal);
        started.Terminate();
    }

    [Fact]
    public void The_hosts_own_resolvers_are_followed_as_they_change()
    {
        using var far = Resolver(World.FarAddress, "--host-record=one.example.org,198.51.100.1");
        using var other = Resolver(World.FarOtherAddress, "--host-record=two.example.org,198.51.100.2");
        Name(_world.Host, World.FarAddress);
        using var started = Start("servers: [auto]");
        Tell(_world.One);
        Assert.Equal("198.51.100.1", Ask(_world.One, "one.example.org"));
        Name(_world.Host, World.FarOtherAddress);
        Thread.Sleep(1100);
        Assert.Equal("198.51.100.2", Ask(_world.One, "two.example.org"));
        started.Terminate();
    }

    [Fact]
    public void Who_does_not_answer_is_followed_by_the_next_and_then_what_was_known_counts()
    {
        using var far = Resolver(World.FarOtherAddress, "--host-record=www.example.org,198.51.100.3,1");
        using var started = Start($"servers: [{World.FarAddress}, {World.FarOtherAddress}]");
        Tell(_world.One);
        Assert.Equal(World.FarOtherAddress, Ask(_world.One, "www.example.org"));
        far.Kill();
        Thread.Sleep(1100);
        var stale = Dig(_world.One, "www.example.org", "+timeout=15", "+tries=1");
        Assert.Contains("www.example.org.\t30\tIN\tA\t198.51.100.3", stale, StringComparison.Ordinal);
        Assert.Contains("status: SERVFAIL", Dig(_world.One, "ftp.example.org", "+timeout=15", "+tries=1"), StringComparison.Ordinal);
        // The first was silent before, so it was asked last.
        started.WaitForLine("none of the resolvers answers (198.51.100.3, 198.51.100.2)");
        started.Terminate();
    }

    /// <summary>One after the other they would take four seconds.</summary>
    [Fact]
    public void Who_is_silent_is_waited_for_once()
    {
        string[] names = ["a", "b", "c", "d", "e", "f"];
        using var far = Resolver(World.FarOtherAddress, [.. names.Select(name => $"--host-record={name}.example.org,198.51.100.3")]);
        using var started = Start($"servers: [198.51.100.99, {World.FarOtherAddress}]");
        Tell(_world.One);
        Assert.Equal("198.51.100.3", Ask(_world.One, "a.example.org"));
        var since = Stopwatch.StartNew();
        foreach (var name in names.Skip(1))
            Assert.Equal("198.51.100.3", Ask(_world.One, $"{name}.example.org"));
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
        started.Terminate();
    }

    /// <summary>Of 512 bytes a resolver says no more by UDP.</summary>
    [Fact]
    public void What_a_datagram_has_no_room_for_is_asked_for_by_tcp_and_told_by_tcp()
    {
        var text = string.Join(',', Enumerable.Range(0, 5).Select(i => new string((char)('a' + i), 180)));
        using var far = Resolver(World.FarAddress, "--edns-packet-max=512", $"--txt-record=long.example.org,{text}");
        using var started = Start($"servers: [{World.FarAddress}]");
        Tell(_world.One);
        Assert.Contains(new string('e', 180), Dig(_world.One, "long.example.org", "TXT", "+bufsize=1232"), StringComparison.Ordinal);
        Assert.Contains(" tc ", Dig(_world.One, "long.example.org", "TXT", "+noedns", "+ignore"), StringComparison.Ordinal);
        var whole = Dig(_world.One, "long.example.org", "TXT", "+noedns");
        Assert.Contains("retrying in TCP mode", whole, StringComparison.Ordinal);
        Assert.Contains(new string('e', 180), whole, StringComparison.Ordinal);
        var both = Dig(_world.One, "+tcp", "+keepopen", "gateway", "A", "long.example.org", "TXT");
        Assert.Contains(World.Gateway, both, StringComparison.Ordinal);
        Assert.Contains(new string('a', 180), both, StringComparison.Ordinal);
        started.Terminate();
    }

    [Fact]
    public void Nobody_outside_is_answered_and_a_guest_without_dns_is_told_none()
    {
        using var started = Start($"servers: [{World.FarAddress}]");
        Assert.NotEqual(0, _world.Far.Run($"dig +timeout=1 +tries=1 @{World.HostAddress} gateway.dev.internal").ExitStatus);
        _world.Far.Check($"ip route add 10.10.0.0/24 via 198.51.100.1");
        _world.Lan.Check($"ip route add 10.10.0.0/24 via {World.HostAddress}");
        Assert.NotEqual(0, _world.Far.Run($"dig +timeout=1 +tries=1 @{World.Gateway} gateway.dev.internal").ExitStatus);
        started.Terminate();
    }

    private static string Folder(NetNs ns) => $"/etc/netns/{ns.Name}";

    /// <summary>What is started in a namespace from here on asks there.</summary>
    private static void Name(NetNs ns, string resolver)
    {
        Directory.CreateDirectory(Folder(ns));
        File.WriteAllText(Path.Combine(Folder(ns), "resolv.conf"), $"search example.org\nnameserver {resolver}\noptions timeout:5\n");
    }

    private BackgroundProcess Resolver(string address, params string[] records)
    {
        Need.Tool("dnsmasq");
        var resolver = _world.Far.Start("dnsmasq", ["--no-daemon", "--no-resolv", "--no-hosts", "--bind-interfaces",
            "--conf-file=/dev/null", $"--listen-address={address}", "--except-interface=lo",
            "--log-queries", "--log-facility=-", "--local=/example.org/",
            .. records]);
        resolver.WaitForLine(line => line.Contains("started", StringComparison.Ordinal));
        return resolver;
    }

    private static int Asked(BackgroundProcess resolver, string query) =>
        resolver.Output.Concat(resolver.Errors).Count(line => line.Contains(query, StringComparison.OrdinalIgnoreCase));

    /// <summary>An address and a route by hand, for a guest that only asks.</summary>
    private static void Tell(NetNs guest)
    {
        guest.Address("eth0", $"{World.OneAddress}/24");
        guest.Check($"ip route add default via {World.Gateway}");
        Name(guest, World.Gateway);
    }

    /// <summary>The address that a client has got which calls itself something, as its file <c>told</c> says of names.</summary>
    private string Lease(NetNs guest, string name)
    {
        Need.Tool("busybox");
        guest.Check($"busybox udhcpc -i eth0 -f -q -n -t 5 -T 1 -x hostname:{name} -O domain -s {Script()}");
        return guest.Check("ip -4 -o addr show dev eth0").Split(' ', StringSplitOptions.RemoveEmptyEntries)[3].Split('/')[0];
    }

    private string Script()
    {
        var path = Path.Combine(_folder, "leased");
        if (!File.Exists(path))
        {
            File.WriteAllText(path, $"""
                #!/bin/sh
                case $1 in bound|renew)
                  ip addr replace $ip/$mask dev $interface
                  ip route replace default via $router
                  echo "$dns $domain" > {_folder}/told;;
                esac
                """);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return path;
    }

    private static string Ask(NetNs guest, params string[] question) =>
        guest.Exec("dig", ["+short", "+timeout=5", $"@{World.Gateway}", .. question]).Succeeded().Output.Trim();

    private static string Dig(NetNs guest, params string[] question) =>
        guest.Exec("dig", [$"@{World.Gateway}", .. question]).Succeeded().Output;

    private SoftSwitchProcess Start(string dns, string also = "") => SoftSwitchProcess.Start($$"""
        state: {{_folder}}
        networks:
          dev:
            mode: nat
            subnet: {{World.Inside}}
            dns: { {{dns}} }
            {{also}}
        ports:
          one: { network: dev, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 }
          two: { network: dev, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0 }
        """, _world.Host);
}
