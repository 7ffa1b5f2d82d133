using SoftSwitch.Logging;
using SoftSwitch.Packets;
using SoftSwitch.State.Names;
using SoftSwitch.Tests.Routing;

namespace SoftSwitch.Tests.State;

/// <summary>What systemd-resolved is told.</summary>
public sealed class HostNamesTests
{
    private readonly RememberedLog _log = new();
    private readonly List<string> _ran = [];
    private readonly HostNames _names;
    private string? _obstacle;

    public HostNamesTests() => _names = new(_log, step => step(), step => step(), arguments =>
    {
        _ran.Add(string.Join(' ', arguments));
        return _obstacle;
    });

    [Fact]
    public void Of_an_interface_it_learns_whom_to_ask_for_which_names_and_that_that_is_all()
    {
        _names.Follow([Link(7)], 0);
        _names.Follow([Link(7)], 60_000);
        Assert.Equal(["dns 7 10.10.0.1", "domain 7 ~dev.internal ~0.10.10.in-addr.arpa", "default-route 7 no"], _ran);
    }

    [Fact]
    public void An_interface_that_is_made_anew_is_told_anew()
    {
        _names.Follow([Link(7)], 0);
        _ran.Clear();
        _names.Follow([Link(8)], 1_000);
        Assert.Equal("dns 8 10.10.0.1", _ran[0]);
    }

    [Fact]
    public void What_is_not_wanted_any_more_is_taken_back()
    {
        _names.Follow([Link(7)], 0);
        _ran.Clear();
        _names.Follow([], 1_000);
        _names.Follow([], 2_000);
        Assert.Equal(["revert 7"], _ran);
    }

    [Fact]
    public void Where_it_does_not_run_the_line_to_write_is_told_once_and_it_is_tried_again()
    {
        _obstacle = "systemd-resolved doesn't run";
        for (var now = 0; now < 60_000; now += 1_000)
            _names.Follow([Link(7)], now);
        Assert.Equal(2, _ran.Count);
        Assert.Equal(
            ["network dev: this host isn't told whom to ask for names below dev.internal: systemd-resolved doesn't run; whoever it asks "
                + "takes a line such as server=/dev.internal/10.10.0.1 (dnsmasq)"],
            _log.Lines.Select(line => line.Message));
        _obstacle = null;
        _names.Follow([Link(7)], 90_000);
        _names.Follow([Link(7)], 200_000);
        Assert.Equal(5, _ran.Count);
    }

    [Theory]
    [InlineData("10.0.0.0/8", "dev.internal 10.in-addr.arpa")]
    [InlineData("10.20.0.0/16", "dev.internal 20.10.in-addr.arpa")]
    [InlineData("10.10.0.0/20", "dev.internal")]
    [InlineData("10.10.0.128/25", "dev.internal")]
    public void Only_what_is_the_networks_alone_is_asked_for_there(string subnet, string zones) =>
        Assert.Equal(zones, string.Join(' ', (Link(7) with { Subnet = GatewayRig.Subnet(subnet) }).Zones));

    private static ResolvedLink Link(int index) =>
        new("dev", index, Ipv4Address.Parse("10.10.0.1"), "dev.internal", GatewayRig.Subnet("10.10.0.0/24"));
}
