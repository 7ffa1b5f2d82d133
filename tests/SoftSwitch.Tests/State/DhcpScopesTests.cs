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
        Assert.Equal("10.10.0.4", $"{scope.Reservations[new(MacAddress.Parse("52:54:00:00:00:01"))].Address}");
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

    private static byte[] Told(DhcpScope scope, byte code) => scope.Find(code)!.Value.ToArray();

    private static DhcpScope? Of(string text)
    {
        var model = Files.Read(text).Model!;
        return DhcpScopes.Of(model.Networks[0], model);
    }
}
