using System.Text.Json.Nodes;
using SoftSwitch.Api;
using SoftSwitch.Config;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Ports;

namespace SoftSwitch.Tests.Api;

/// <summary>The list of stations, of a real bridge and a real gateway.</summary>
public class StationListTests
{
    private static readonly Instant s_now = new(1_000_000);
    private static readonly MacAddress s_guest = MacAddress.Parse("52:54:00:00:00:01", null),
        s_ours = MacAddress.Parse("02:00:00:00:00:fe", null);

    [Theory]
    [InlineData("nat", new[] { "10.10.0.5", "10.10.0.12" })]
    [InlineData("internal", new string[0])]
    public void A_station_is_shown_with_the_addresses_that_a_gateway_has_heard_and_the_gateway_itself_is_not(string mode,
        string[] addresses)
    {
        var model =
            ConfigFile.Parse("", $"networks: {{ dev: {{ mode: {mode} }} }}\nports: {{ vm1: {{ network: dev, kind: guest }} }}").Model!;
        var bridge = new Bridge("dev", TimeSpan.FromSeconds(300));
        var port = bridge.Attach(new MemoryPort("vm1"));
        bridge.Fdb.Learn(s_guest.Value, port.Slot, new(s_now.Milliseconds - 3000));
        Gateway? gateway = null;
        if (mode == "nat")
        {
            gateway = new("dev.gateway", s_ours, new(0x0A0A0001), new(new(0x0A0A0000), 24), 1500, 1, 0);
            bridge.SetUp(bridge.Attach(gateway), true);
            foreach (var address in addresses.Reverse())
                gateway.Ipv4Neighbors.Table.Learn(Ipv4Address.Parse(address), s_guest, gateway, s_now, create: true);
            gateway.Ipv4Neighbors.Table.Learn(new(0x0A0A0007), MacAddress.Parse("52:54:00:00:00:02", null), gateway, s_now, create: true);
        }
        var snapshot = new SwitchSnapshot(model, DateTimeOffset.UnixEpoch, s_now, [new(model.Networks[0], bridge, gateway)],
            [new(model.Ports[0], bridge, port.Slot, PortStatus.Up, null, "vm1", null, null, () => default)], []);
        var items =
            JsonNode.Parse(ApiLists.Stations.Answer(snapshot, new Microsoft.AspNetCore.Http.QueryCollection()))!["items"]!.AsArray();
        var station = Assert.Single(items)!;
        Assert.Equal(("dev", "vm1", "52:54:00:00:00:01", 3),
            ((string?)station["network"], (string?)station["port"], (string?)station["mac"], (int)station["age"]!));
        Assert.Equal(addresses, station["addresses"]!.AsArray().Select(address => (string)address!));
    }
}
