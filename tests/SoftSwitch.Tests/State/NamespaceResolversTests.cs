using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Logging;
using SoftSwitch.State.Names;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.State;

/// <summary>Whom programs in namespaces are told to ask, and that nothing of it is left.</summary>
public sealed class NamespaceResolversTests : IDisposable
{
    private const string WithBox = """
        networks: { dev: { mode: nat, subnet: 10.10.0.0/24 } }
        ports: { box: { network: dev, kind: tap, netns: box, address: 10.10.0.9/24, gateway: 10.10.0.1 } }
        """;

    private const string WithoutBox = "networks: { dev: { mode: nat, subnet: 10.10.0.0/24 } }\n";

    private readonly InterfaceMark _mark = new("a1b2", 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("softswitch-netns-").FullName;

    private string Written => Path.Combine(_folder, "box", "resolv.conf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_gateway_is_named_until_the_switch_ends()
    {
        using (var run = Run(_mark, WithBox))
        {
            Assert.Equal(["nameserver 10.10.0.1", "search dev.internal"], File.ReadLines(Written).Skip(1));
            Assert.Equal("# Made by softswitch a1b2 1, and removed when it ends.", File.ReadLines(Written).First());
        }
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    /// <summary>There it is the station that serves, not the host; who has a way out asks by that way.</summary>
    [Theory]
    [InlineData("box: { network: lab, kind: veth, netns: box, address: 192.168.56.9/24 }", "192.168.56.254 lab.example")]
    [InlineData("box: { network: lab, kind: veth, netns: box, address: 192.168.56.254/24 }", "192.168.56.253 lab.example")]
    [InlineData("box: { network: lab, kind: veth, netns: box, address: 192.168.56.9/24, gateway: no }", null)]
    [InlineData("box: { network: lab, kind: veth, netns: box, address: 192.168.56.9/24, gateway: 192.168.56.7 }", null)]
    [InlineData("box: { network: lab, kind: veth, netns: box }", null)]
    [InlineData("box: { network: off, kind: veth, netns: box, address: 192.168.57.9/24 }", null)]
    [InlineData("""
        mute: { network: off, kind: veth, netns: box, address: 192.168.57.9/24 }
          box: { network: lab, kind: veth, netns: box, interface: eth1, address: 192.168.56.9/24 }
        """, "192.168.56.254 lab.example")]
    [InlineData("""
        box: { network: lab, kind: veth, netns: box, address: 192.168.56.9/24 }
          out: { network: dev, kind: veth, netns: box, interface: eth1, address: 10.10.0.9/24, gateway: 10.10.0.1 }
        """, "10.10.0.1 dev.internal")]
    public void In_a_host_only_network_a_namespace_without_another_way_is_told_who_serves_there(string ports, string? told)
    {
        using var run = Run(_mark, $$"""
            networks:
              lab: { mode: host-only, subnet: 192.168.56.0/24, domain: lab.example }
              off: { mode: host-only, subnet: 192.168.57.0/24, dns: off }
              dev: { mode: nat, subnet: 10.10.0.0/24 }
            ports:
              {{ports}}
            """);
        string[] lines = told?.Split(' ') is [var server, var domain] ? [$"nameserver {server}", $"search {domain}"] : [];
        Assert.Equal(lines, File.Exists(Written) ? File.ReadLines(Written).Skip(1) : []);
    }

    /// <summary>The namespace may have another way to names by now, or be another.</summary>
    [Fact]
    public void What_a_killed_run_has_left_goes_where_the_file_does_not_name_the_namespace_any_more()
    {
        Run(_mark, WithBox);
        Assert.True(File.Exists(Written));
        using var next = Run(_mark, WithoutBox);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public void What_another_switch_or_somebody_has_written_stays()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "mine"));
        File.WriteAllText(Path.Combine(_folder, "mine", "resolv.conf"), "nameserver 192.0.2.53\n");
        Run(_mark with { Number = 2 }, WithBox);
        var before = File.ReadAllText(Written);
        foreach (var text in (string[])[WithBox, WithoutBox])
        {
            using (Run(_mark, text))
                Assert.Equal(before, File.ReadAllText(Written));
            Assert.Equal(before, File.ReadAllText(Written));
        }
        Assert.Equal("nameserver 192.0.2.53\n", File.ReadAllText(Path.Combine(_folder, "mine", "resolv.conf")));
    }

    private NamespaceResolvers Run(InterfaceMark mark, string text)
    {
        var resolvers = new NamespaceResolvers(new RememberedLog(), mark, _folder);
        resolvers.Follow(Files.Read(text).Model!);
        return resolvers;
    }
}
