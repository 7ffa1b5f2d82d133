using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Packets.Dns;
using SoftSwitch.State.Networks;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.State;

/// <summary>Which names a file gives.</summary>
public sealed class DnsScopesTests
{
    private const string File = """
        networks:
          dev:
            mode: nat
            subnet: 10.10.0.0/24
            dns:
              hosts:
                { db: 10.10.0.20, www.example.org: 10.10.0.21, mail: 192.0.2.7, ftp.dev.example: 10.10.0.22, a.b.dev: 10.10.0.23 }
            domain: dev.example
            dhcp:
              reservations:
                - { mac: "52:54:00:00:00:01", address: 10.10.0.10, name: web }
                - { mac: "52:54:00:00:00:02", address: 10.10.0.11 }
        ports:
          box: { network: dev, kind: tap, netns: box, address: 10.10.0.9/24 }
          vm1: { network: dev, kind: guest, mac: "52:54:00:00:00:01" }
          vm2: { network: dev, kind: guest, mac: "52:54:00:00:00:02" }
          vm3: { network: dev, kind: guest }
        """;

    private readonly DnsScope _scope = Of(File)!;

    [Theory]
    [InlineData("gateway", "10.10.0.1")]
    [InlineData("gateway.dev.example", "10.10.0.1")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("db.dev", "10.10.0.20")]
    [InlineData("db.dev.example", "10.10.0.20")]
    [InlineData("www.example.org", "10.10.0.21")]
    [InlineData("mail", "192.0.2.7")]
    [InlineData("ftp", "10.10.0.22")]
    [InlineData("ftp.dev", "10.10.0.22")]
    [InlineData("ftp.dev.example", "10.10.0.22")]
    [InlineData("a.b.dev", "10.10.0.23")]
    [InlineData("a.b", null)]
    [InlineData("box", "10.10.0.9")]
    [InlineData("web.dev", "10.10.0.10")]
    [InlineData("vm1.dev", "10.10.0.10")]
    [InlineData("vm2.dev.example", "10.10.0.11")]
    [InlineData("vm3", null)]
    [InlineData("www.example.org.dev", null)]
    [InlineData("web.dev.internal", null)]
    public void A_name_has_the_address_that_the_file_gives_it(string name, string? address) =>
        Assert.Equal(address, _scope.Names.GetValueOrDefault(Key(name))?.Single().ToString());

    [Fact]
    public void An_address_is_called_what_stands_first() => Assert.Equal(
        ["10.10.0.1 gateway.dev.example", "10.10.0.10 web.dev.example", "10.10.0.11 vm2.dev.example", "10.10.0.20 db.dev.example",
            "10.10.0.21 www.example.org", "10.10.0.22 ftp.dev.example", "10.10.0.23 a.b.dev", "10.10.0.9 box.dev.example",
            "127.0.0.1 localhost.dev.example", "192.0.2.7 mail.dev.example"],
        _scope.Addresses.Select(one => $"{one.Key} {DnsName.ToText(one.Value.Span)}").Order(StringComparer.Ordinal));

    [Fact]
    public void Each_port_has_its_name() => Assert.Equal(["box", "vm1", "vm2", "vm3"], _scope.Ports.Order());

    [Fact]
    public void Without_dns_there_are_none() =>
        Assert.Null(Of("networks: { dev: { mode: nat, subnet: 10.10.0.0/24, dns: off } }\n"));

    /// <summary>In a network that leads nowhere a question leads nowhere either, unless the file names who is asked.</summary>
    [Theory]
    [InlineData("mode: nat", "10.10.0.1", true)]
    [InlineData("mode: host-only", "10.10.0.254", false)]
    [InlineData("mode: host-only, dns: { servers: [auto] }", "10.10.0.254", true)]
    public void Who_tells_names_and_asks_others(string network, string server, bool asksOthers)
    {
        var scope = Of($"networks: {{ dev: {{ {network}, subnet: 10.10.0.0/24 }} }}\n")!;
        Assert.Equal((server, asksOthers), (scope.Server.ToString(), scope.AsksOthers));
        Assert.Equal("10.10.0.1", scope.Names[Key("gateway")].Single().ToString());
    }

    private static DnsScope? Of(string text)
    {
        var model = Files.Read(text).Model!;
        return DnsScopes.Of(model.Networks[0], model);
    }

    private static DnsKey Key(string name)
    {
        var bytes = new byte[DnsName.MaximumSize];
        return new(bytes.AsSpan(0, DnsName.Write(name, bytes)));
    }
}
