using System.Text;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Packets;
using SoftSwitch.Packets.Dhcp;
using SoftSwitch.State.Networks;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.State;

/// <summary>What a network gives by DHCP, from what the file says.</summary>
public sealed class DhcpScopesTests
{
    [Fact]
    public void Everything_that_is_free_is_given_and_nothing_that_somebody_has()
    {
        var scope = Of("""
            networks:
              dev:
                mode: nat
                subnet: 10.10.0.0/29
                dhcp: { reservations: [ { mac: "52:54:00:00:00:01", address: 10.10.0.4, name: web } ] }
                forwards: [ { from: tcp/80, to: "10.10.0.3:80" } ]
            ports:
              box: { network: dev, kind: tap, netns: box, address: 10.10.0.2/29 }
            """)!;
        Assert.Equal(("10.10.0.1", "10.10.0.6"), ($"{scope.Range.First}", $"{scope.Range.Last}"));
        Assert.Equal(["10.10.0.1", "10.10.0.2", "10.10.0.3", "10.10.0.4"], scope.Taken.Select(address => $"{address}").Order());
        Assert.Equal("10.10.0.4", $"{scope.ByMac[MacAddress.Parse("52:54:00:00:00:01")].Address}");
    }

    [Fact]
    public void A_guest_is_told_its_router_and_an_MTU_that_is_not_the_usual_one()
    {
        var scope = Of("""
            networks:
              dev: { mode: nat, subnet: 10.10.0.0/24, gateway: 10.10.0.254, mtu: 9000, dhcp: { range: 10.10.0.50-10.10.0.60, lease: 2h } }
            ports: { vm: { network: dev, kind: guest } }
            """)!;
        Assert.Equal((byte[])[10, 10, 0, 254], Told(scope, DhcpOption.Router));
        Assert.Equal((byte[])[10, 10, 0, 255], Told(scope, DhcpOption.BroadcastAddress));
        Assert.Equal((byte[])[9000 >> 8, 9000 & 255], Told(scope, DhcpOption.InterfaceMtu));
        Assert.Equal((TimeSpan.FromHours(2), 5), (scope.LeaseTime, scope.MostOfPort));
        Assert.Equal(("10.10.0.50", "10.10.0.60"), ($"{scope.Range.First}", $"{scope.Range.Last}"));
    }

    [Theory]
    [InlineData("host-only", "", "10.10.0.254")]
    [InlineData("host-only", "gateway: 10.10.0.254,", "10.10.0.253")]
    [InlineData("internal", "", "10.10.0.254")]
    public void Where_there_is_no_gateway_of_ours_the_last_free_address_serves_and_no_guest_is_told_a_router(
        string mode, string gateway, string server)
    {
        var scope = Of($$"""
            networks:
              lab: { mode: {{mode}}, subnet: 10.10.0.0/24, {{gateway}} dhcp: {} }
            ports: { vm: { network: lab, kind: guest } }
            """)!;
        Assert.Equal(server, $"{scope.Server}");
        Assert.Contains(scope.Server, scope.Taken);
        Assert.Null(scope.Find(DhcpOption.Router));
        Assert.Equal((byte[])[10, 10, 0, 255], Told(scope, DhcpOption.BroadcastAddress));
    }

    [Fact]
    public void What_the_file_gives_away_serves_nobody()
    {
        var scope = Of("""
            networks:
              lab:
                mode: host-only
                subnet: 10.10.0.0/29
                dhcp: { reservations: [ { mac: "52:54:00:00:00:01", address: 10.10.0.6, name: web } ] }
            ports: { box: { network: lab, kind: tap, netns: box, address: 10.10.0.5/29 } }
            """)!;
        Assert.Equal("10.10.0.4", $"{scope.Server}");
    }

    [Fact]
    public void Guests_are_told_what_the_file_says()
    {
        var scope = Of("""
            networks:
              lab:
                mode: internal
                subnet: 10.10.0.0/24
                dhcp:
                  router: 10.10.0.7
                  routes: { 10.20.0.0/16: 10.10.0.8 }
                  dns: [10.10.0.9, 192.0.2.53]
                  domain: lab.example
                  search: [lab.example, example]
                  ntp: [192.0.2.123]
                  next-server: 10.10.0.5
                  filename: pxelinux.0
                  options: { 150: 10.0.0.9, 60: text PXEClient, 23: u8 64, 24: u32 258, 43: hex 01:FF }
            ports: { vm: { network: lab, kind: guest } }
            """)!;
        Assert.Equal((byte[])[10, 10, 0, 7], Told(scope, DhcpOption.Router));
        // Who takes these is told the default route here.
        Assert.Equal((byte[])[16, 10, 20, 10, 10, 0, 8, 0, 10, 10, 0, 7], Told(scope, DhcpOption.ClasslessRoutes));
        Assert.Equal((byte[])[10, 10, 0, 9, 192, 0, 2, 53], Told(scope, DhcpOption.DomainNameServer));
        Assert.Equal("lab.example"u8.ToArray(), Told(scope, DhcpOption.DomainName));
        Assert.Equal("\u0003lab\u0007example\0"u8.ToArray().Concat((byte[])[0xC0, 4]), Told(scope, DhcpOption.DomainSearch));
        Assert.Equal((byte[])[192, 0, 2, 123], Told(scope, DhcpOption.NtpServers));
        Assert.Equal("10.10.0.5"u8.ToArray(), Told(scope, DhcpOption.TftpServerName));
        Assert.Equal("pxelinux.0"u8.ToArray(), Told(scope, DhcpOption.BootFileName));
        Assert.Equal(("10.10.0.5", "pxelinux.0"), ($"{scope.Boot!.Value.Server}", Encoding.ASCII.GetString(scope.Boot.Value.File.Span)));
        Assert.Equal((byte[])[10, 0, 0, 9], Told(scope, 150));
        Assert.Equal("PXEClient"u8.ToArray(), Told(scope, DhcpOption.VendorClass));
        Assert.Equal((byte[])[64], Told(scope, 23));
        Assert.Equal((byte[])[0, 0, 1, 2], Told(scope, 24));
        Assert.Equal((byte[])[1, 255], Told(scope, 43));
        // Whom the file names has its address.
        Assert.Superset(((string[])["10.10.0.5", "10.10.0.7", "10.10.0.8", "10.10.0.9"]).ToHashSet(),
            scope.Taken.Select(address => $"{address}").ToHashSet());
    }

    [Theory]
    [InlineData("", true, "dev.internal")]
    [InlineData("router: no, dns: [192.0.2.53]", false, "dev.internal")]
    public void In_nat_the_gateway_leads_out_unless_the_file_says_otherwise(string dhcp, bool isTold, string domain)
    {
        var scope = Of($"networks: {{ dev: {{ mode: nat, subnet: 10.10.0.0/24, dhcp: {{ {dhcp} }} }} }}\n"
            + "ports: { vm: { network: dev, kind: guest } }\n")!;
        Assert.Equal(isTold, scope.Find(DhcpOption.Router) is not null);
        Assert.Equal(isTold ? (byte[])[10, 10, 0, 1] : [192, 0, 2, 53], Told(scope, DhcpOption.DomainNameServer));
        Assert.Equal(domain, Encoding.ASCII.GetString(Told(scope, DhcpOption.DomainName)));
        Assert.Null(scope.Find(DhcpOption.ClasslessRoutes));
        Assert.Null(scope.Boot);
    }

    [Fact]
    public void A_client_that_is_reserved_by_a_text_says_it_alone_or_behind_a_zero()
    {
        var scope = Of("""
            networks:
              lab:
                mode: internal
                subnet: 10.10.0.0/24
                dhcp: { reservations: [ { client: web-1, address: 10.10.0.4 }, { client: "FF:00:01", address: 10.10.0.5 } ] }
            ports: { vm: { network: lab, kind: guest } }
            """)!;
        Assert.Equal("10.10.0.4", $"{scope.ByClient[new("web-1"u8)].Address}");
        Assert.Equal("10.10.0.4", $"{scope.ByClient[new("\0web-1"u8)].Address}");
        Assert.Equal("10.10.0.5", $"{scope.ByClient[new([0xFF, 0, 1])].Address}");
        Assert.Equal(3, scope.ByClient.Count);
    }

    private static byte[] Told(DhcpScope scope, byte code) => scope.Find(code)!.Value.ToArray();

    private static DhcpScope? Of(string text)
    {
        var model = Files.Read(text).Model!;
        return DhcpScopes.Of(model.Networks[0], model);
    }
}
