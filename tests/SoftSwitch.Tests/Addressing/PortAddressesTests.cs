using SoftSwitch.Addressing;
using SoftSwitch.Errors;
using SoftSwitch.Live;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.Tests.Config;

namespace SoftSwitch.Tests.Addressing;

/// <summary>What <c>address: auto</c> comes to.</summary>
public sealed class PortAddressesTests : IDisposable
{
    private const string Ports = """

        ports:
          one: { network: dev, kind: veth, netns: one, address: auto }
          two: { network: dev, kind: tap, netns: two, address: auto, gateway: no }
          own: { network: dev, kind: tap, netns: own, address: 10.10.0.3/24 }
        """;

    private const string Network = "networks: { dev: { mode: nat, subnet: 10.10.0.0/24 } }" + Ports;

    private readonly string _state = Directory.CreateTempSubdirectory("softswitch-auto-").FullName;
    private readonly RememberedLog _log = new();

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public void Each_gets_one_that_nobody_has_by_the_file_and_the_gateway_unless_it_wants_none()
    {
        var model = Complete(Network);
        Assert.Equal(["10.10.0.2/24", "10.10.0.4/24", "10.10.0.3/24"], Addresses(model));
        Assert.Equal(["10.10.0.1", "", ""], Interfaces(model).Select(port => $"{port.Gateway}"));
    }

    [Fact]
    public void It_stays_what_it_was_when_others_come_and_go_and_gives_way_to_the_file()
    {
        Complete(Network);
        var more = Network.Replace(
            "  one:", "  zero: { network: dev, kind: veth, netns: zero, address: auto }\n  one:", StringComparison.Ordinal);
        Assert.Equal(["10.10.0.5/24", "10.10.0.2/24", "10.10.0.4/24", "10.10.0.3/24"], Addresses(Complete(more)));
        Assert.Equal(["10.10.0.2/24", "10.10.0.3/24", "10.10.0.4/24"],
            Addresses(Complete(Network.Replace("10.10.0.3/24", "10.10.0.4/24", StringComparison.Ordinal))));
    }

    /// <summary>The address stays; the route is what the file says by now, and not what it said before.</summary>
    [Theory]
    [InlineData("address: auto }", "address: auto, gateway: no }", "10.10.0.2/24", "")]
    [InlineData("address: auto, gateway: no }", "address: auto }", "10.10.0.2/24", "10.10.0.1")]
    [InlineData("address: auto, gateway: 10.10.0.9 }", "address: auto }", "10.10.0.2/24", "10.10.0.1")]
    [InlineData("address: 10.10.0.7/24 }", "address: auto }", "10.10.0.7/24", "10.10.0.1")]
    [InlineData("address: auto }", "address: 10.10.0.7/24 }", "10.10.0.7/24", "")]
    [InlineData("address: auto }", "address: auto } # gateway: 10.10.0.254", "10.10.0.2/24", "10.10.0.254")]
    public void Over_a_reload_the_address_stays_and_the_route_is_the_files(string before, string after, string address, string gateway)
    {
        var running = Complete(File(before));
        var reloaded = PortAddresses.Complete(KeptAddresses.In(Files.Read(File(after)).Model!, running), _state, _log);
        var port = Assert.Single(Interfaces(reloaded));
        Assert.Equal((address, gateway), ($"{port.Address}", $"{port.Gateway}"));
        // The next start gives it the same.
        if (!port.TakesAddress && after.Contains("auto", StringComparison.Ordinal))
            Assert.Equal([address], Addresses(Complete(File(after))));

        static string File(string rest)
        {
            var network = rest.Split("# ") is [_, var more] ? $", {more}" : "";
            return $$"""
                networks: { dev: { mode: nat, subnet: 10.10.0.0/24{{network}} } }
                ports: { one: { network: dev, kind: veth, netns: one, {{rest.Split(" #")[0]}} }
                """;
        }
    }

    [Theory]
    [InlineData("gateway: 10.10.0.2", "")]
    [InlineData("dhcp: { reservations: [ { mac: \"52:54:00:00:00:01\", address: 10.10.0.2 } ] }", "")]
    [InlineData("dhcp: { range: 10.10.0.100-10.10.0.200 }", "")]
    [InlineData("mtu: 1400", "two: { network: dev, kind: tap, address: 10.10.0.2/24 }")]
    public void Over_a_reload_it_gives_way_to_whoever_has_it_by_the_file(string network, string port)
    {
        const string one = "one: { network: dev, kind: veth, netns: one, address: auto }";
        var running = Complete($"networks: {{ dev: {{ mode: nat, subnet: 10.10.0.0/24 }} }}\nports:\n  {one}\n");
        Assert.Equal(["10.10.0.2/24"], Addresses(running));
        var file = $"networks: {{ dev: {{ mode: nat, subnet: 10.10.0.0/24, {network} }} }}\nports:\n  {one}\n  {port}\n";
        var reloaded = PortAddresses.Complete(KeptAddresses.In(Files.Read(file).Model!, running), _state, _log);
        Assert.DoesNotContain("10.10.0.2/24", Addresses(reloaded).Take(1));
        Assert.Equal(Addresses(Complete(file)), Addresses(reloaded));
    }

    [Fact]
    public void What_a_guest_was_given_by_DHCP_stays_his()
    {
        File.WriteAllText(Path.Combine(_state, LeaseMemory.FileName),
            $"dev 10.10.0.2 vm 52:54:00:00:00:01 01525400000001 {DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds()} bound\n");
        Assert.Equal(["10.10.0.4/24", "10.10.0.5/24", "10.10.0.3/24"], Addresses(Complete(Network)));
    }

    /// <summary>Guests that come under ever new names would else keep every address for ever.</summary>
    [Fact]
    public void What_is_only_kept_for_a_guest_is_given_when_nothing_else_is_left()
    {
        var until = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        File.WriteAllLines(Path.Combine(_state, LeaseMemory.FileName), [
            $"dev 10.10.0.2 vm 52:54:00:00:00:02 01525400000002 {until} bound",
            $"dev 10.10.0.4 vm 52:54:00:00:00:04 01525400000004 {until} kept",
            $"dev 10.10.0.5 vm 52:54:00:00:00:05 01525400000005 {until} kept",
        ]);
        var small = Network.Replace("10.10.0.0/24 }", "10.10.0.0/29 }", StringComparison.Ordinal)
            .Replace("10.10.0.3/24", "10.10.0.3/29", StringComparison.Ordinal);
        Assert.Equal(["10.10.0.6/29", "10.10.0.4/29", "10.10.0.3/29"], Addresses(Complete(small)));
    }

    [Theory]
    [InlineData("{ mode: host-only, subnet: 10.10.0.0/24 }", "10.10.0.2/24")]
    [InlineData("{ mode: internal, subnet: 10.10.0.0/24, dhcp: { range: 10.10.0.50-10.10.0.99 } }", "10.10.0.50/24")]
    public void Without_a_gateway_of_ours_no_route_comes_with_it(string network, string address)
    {
        var model = Complete($"networks: {{ dev: {network} }}{Ports}");
        Assert.Equal(address, Addresses(model).First());
        Assert.All(Interfaces(model), port => Assert.Null(port.Gateway));
    }

    [Fact]
    public void Where_none_is_left_that_is_told_or_an_obstacle()
    {
        var full = Network.Replace("10.10.0.0/24 }", "10.10.0.0/29, dhcp: { range: 10.10.0.2-10.10.0.3 } }", StringComparison.Ordinal)
            .Replace("10.10.0.3/24", "10.10.0.3/29", StringComparison.Ordinal);
        Assert.Equal(["10.10.0.2/29", "", "10.10.0.3/29"], Addresses(Complete(full, isStrict: false)));
        Assert.Contains("port two: no address is free for it in 10.10.0.0/29", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.Throws<StartRefusedException>(() => Complete(full));
    }

    private SwitchModel Complete(string text, bool isStrict = true) =>
        PortAddresses.Complete(Files.Read(text).Model!, _state, _log, isStrict);

    private static IEnumerable<InterfaceModel> Interfaces(SwitchModel model) => model.Ports.OfType<InterfaceModel>();

    private static IEnumerable<string> Addresses(SwitchModel model) => Interfaces(model).Select(port => $"{port.Address}");
}
