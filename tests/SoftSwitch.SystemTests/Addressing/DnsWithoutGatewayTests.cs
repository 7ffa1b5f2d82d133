using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>In a host-only network a station of ours tells names: of its own stations alone, for a question is a way out as well.</summary>
public sealed class DnsWithoutGatewayTests : IDisposable
{
    private const string Server = "192.168.56.254";

    private readonly World _world = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-dns-").FullName;

    public void Dispose()
    {
        _world.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Guests_and_host_find_each_other_by_name_and_lists_say_the_names()
    {
        using var started = Start("domain: lab.example");
        using var client = DhcpClient.Start(_world.One, _folder, "mail");
        var one = client.WaitForAddress();
        foreach (var asking in (NetNs[])[_world.Two, _world.Host])
        {
            Assert.Equal(one, Ask(asking, "one"));
            Assert.Equal(one, Ask(asking, "mail.lab.example", "+tcp"));
            Assert.Equal("192.168.56.9", Ask(asking, "two.lab.example"));
            Assert.Equal("192.168.56.1", Ask(asking, "gateway"));
            Assert.Equal("mail.lab.example.", Ask(asking, "-x", one));
        }
        Assert.Equal(Server, client.Told("dns"));
        Assert.Equal("lab.example", client.Told("domain"));
        Assert.Equal("mail", Assert.Single(started.Items("leases")).GetProperty("name").GetString());
        Assert.Equal($"192.168.56.1    gateway.lab.example gateway\n{one,-15} one.lab.example one mail.lab.example\n"
            + "192.168.56.9    two.lab.example two\n",
            string.Concat(started.Client("show", "leases", "--format", "hosts").Succeeded().Output.Split('\n')
                .Where(line => line.Length > 0).Select(line => $"{line}\n").Order(StringComparer.Ordinal)));
        started.Terminate();
    }

    /// <summary>The control: the same question leads out where the file names whom to ask.</summary>
    [Fact]
    public void Nobody_else_is_asked_unless_the_file_names_him()
    {
        using var far = Resolver();
        using (var started = Start(""))
        {
            Assert.Contains("status: REFUSED", Dig("www.example.org"), StringComparison.Ordinal);
            Assert.Contains("status: NXDOMAIN", Dig("nobody.lab.internal"), StringComparison.Ordinal);
            Assert.Empty(Asked(far));
            started.Terminate();
        }
        using (var started = Start($"dns: {{ servers: [{World.FarAddress}] }}"))
        {
            Assert.Contains("198.51.100.3", Dig("www.example.org"), StringComparison.Ordinal);
            Assert.Single(Asked(far));
            started.Terminate();
        }
    }

    /// <summary>Of another namespace's interfaces systemd-resolved knows nothing, and would take them for the machine's.</summary>
    [Fact]
    public void Where_the_hosts_own_resolver_can_not_be_told_the_line_to_write_is()
    {
        using var started = Start("dns: { host: on }");
        started.WaitForLine("names below lab.internal: systemd-resolved is of another network namespace; whoever it asks takes a line such "
            + $"as server=/lab.internal/{Server} (dnsmasq)");
        started.Terminate();
    }

    private BackgroundProcess Resolver()
    {
        Need.Tool("dnsmasq");
        var resolver = _world.Far.Start("dnsmasq", ["--no-daemon", "--no-resolv", "--no-hosts", "--bind-interfaces",
            "--conf-file=/dev/null", $"--listen-address={World.FarAddress}", "--except-interface=lo", "--log-queries",
            "--log-facility=-", "--host-record=www.example.org,198.51.100.3,60"]);
        resolver.WaitForLine(line => line.Contains("started", StringComparison.Ordinal));
        return resolver;
    }

    private static IEnumerable<string> Asked(BackgroundProcess resolver) =>
        resolver.Output.Concat(resolver.Errors).Where(line => line.Contains("query[A] www", StringComparison.OrdinalIgnoreCase));

    private static string Ask(NetNs asking, params string[] question) =>
        asking.Exec("dig", ["+short", "+timeout=5", $"@{Server}", .. question]).Succeeded().Output.Trim();

    private string Dig(string name)
    {
        Need.Tool("dig");
        return _world.Two.Exec("dig", [$"@{Server}", "+tries=1", name]).Succeeded().Output;
    }

    private SoftSwitchProcess Start(string also) => SoftSwitchProcess.Start($$"""
        state: {{_folder}}
        networks:
          lab:
            mode: host-only
            subnet: 192.168.56.0/24
            host: { interface: ss-lab }
            {{also}}
        ports:
          one: { network: lab, kind: tap, netns: "{{_world.One.Name}}", interface: eth0 }
          two: { network: lab, kind: tap, netns: "{{_world.Two.Name}}", interface: eth0, address: 192.168.56.9/24 }
        """, _world.Host);
}
