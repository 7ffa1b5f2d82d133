using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Kinds;
using SoftSwitch.Linux.Workers;
using SoftSwitch.Model;
using SoftSwitch.Persistence;
using SoftSwitch.State.Changes;

namespace SoftSwitch.SystemTests.Switching;

/// <summary>One file after the other, made by chance: after any of them runs what a fresh start of the last would run, and what wasn't
/// another wasn't touched.</summary>
public sealed class ApplySequenceTests
{
    private const int Steps = 25, Networks = 4, Ports = 7;

    private static readonly string[] s_modes =
    [
        "mode: internal", "mode: internal", "mode: internal, subnet: 10.N.0.0/24, dhcp: {}", "mode: host-only, subnet: 10.N.0.0/24",
        "mode: host-only, subnet: 10.N.1.0/24, gateway: 10.N.1.7", "mode: host-only, subnet: 10.N.0.0/24, host: { interface: hN }",
        "mode: bridged, uplink: nicN",
    ];

    private static readonly string[] s_keys =
    [
        "", "", "", ", comment: word", ", mtu: 1400", ", flood-limit: 50", ", guard: mac", ", mac: '02:00:00:00:01:0N'", ", interface: iN",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_came_before_what_runs_is_what_a_start_would_run(int seed)
    {
        var random = new Random(seed);
        using var running = new AppliedSwitch();
        AddNics(running);
        running.Start(Make(random));
        for (var step = 0; step < Steps; step++)
        {
            var text = Make(random);
            var untouched = Untouched(running, text);
            running.Apply(text);
            Assert.All(untouched, one => Assert.Equal((one.Port, one.Place),
                (running.Port(one.Name).Port!, running.Port(one.Name).Membership!)));
            if (step % 6 != 5)
                continue;
            using var fresh = new AppliedSwitch();
            AddNics(fresh);
            fresh.Start(text);
            Eventually.Equal(Describe(fresh), () => Describe(running), 5);
        }
    }

    private static void AddNics(AppliedSwitch running)
    {
        for (var i = 0; i < Networks; i++)
        {
            running.Links.CreateVethPair($"nic{i}", null, $"far{i}", null);
            running.Links.SetUp(running.Links.Find($"nic{i}")!.Index);
            running.Links.SetUp(running.Links.Find($"far{i}")!.Index);
        }
    }

    /// <summary>The ports that the next file says nothing else of.</summary>
    private static (string Name, DevicePort Port, Membership Place)[] Untouched(AppliedSwitch running, string text)
    {
        var (before, after) = (running.Running.Model, KeptMacs.In(StationMacsOf(text), running.Running.Model));
        var modes = after.Networks.ToDictionary(network => network.Name, network => network.Mode);
        return
        [
            .. from port in before.Ports
               where after.Ports.Contains(port)
                   && before.Networks.First(network => network.Name == port.Network).Mode == modes[port.Network]
               select (port.Name, running.Port(port.Name).Port!, running.Port(port.Name).Membership!),
        ];
    }

    private static SwitchModel StationMacsOf(string text) => StationMacs.OfNames.Complete(AppliedSwitch.Parse(text));

    /// <summary>Everything that a start decides, but for the addresses that are made: who has moved keeps his.</summary>
    private static string Describe(AppliedSwitch running)
    {
        var look = running.Running.Look();
        var links = running.Links.List().ToDictionary(link => link.Index);
        var addresses = running.Links.Addresses().ToLookup(one => one.Interface, one => $"{one.Address}/{one.PrefixLength}");
        return string.Join('\n', (string[])
        [
            $"{look.Model.Workers} {running.Running.Workers.Count}",
            .. links.Values.Select(link => $"{link.Name} {link.Mtu} {link.IsUp} {string.Join(',', addresses[link.Index].Order())}").Order(),
            .. look.Networks.Select(network => $"{network.Model} {network.Station?.Name} {network.Leases?.Scope.Range}"
                + $" {string.Join(',', network.Bridge.Addresses.Select(one => $"{one}").Order())}"
                + $" {string.Join(',', network.Bridge.Guards.Keys.Order())} {string.Join(',', network.Bridge.Bound.Values.Order())}"),
            .. look.Ports.Select(port => $"{port.Model.Name} {port.Model.Kind} {port.Bridge.Name} {port.Status} {port.Interface}"
                + $" {running.Port(port.Model.Name).Port?.Mtu} {running.Port(port.Model.Name).Membership?.FloodLimit}"
                + $" {running.Port(port.Model.Name).Membership?.Group} {port.Model.Guard} {port.Model.Comment}").Order(),
        ]);
    }

    private static string Make(Random random)
    {
        var modes = Enumerable.Range(0, Networks).Select(i => i == 0 || random.Next(3) > 0 ? Pick(random, s_modes, i) : null).ToArray();
        var networks = Enumerable.Range(0, Networks).Where(i => modes[i] is not null).ToArray();
        var ports = Enumerable.Range(0, Ports).Where(_ => random.Next(4) > 0)
            .Select(i => $"  p{i}: {{ network: n{networks[random.Next(networks.Length)]}, kind: {(random.Next(3) == 0 ? "guest" : "tap")}"
                + $"{Pick(random, s_keys, i)} }}");
        return $$"""
            workers: {{random.Next(1, 4)}}
            networks:
            {{string.Join('\n', networks.Select(i => $"  n{i}: {{ {modes[i]}{(random.Next(4) == 0 ? ", mtu: 1600" : "")} }}"))}}
            ports:
              a: { network: n0, kind: tap }
            {{string.Join('\n', ports)}}
            """;
    }

    private static string Pick(Random random, string[] words, int number) =>
        words[random.Next(words.Length)].Replace("N", $"{number}", StringComparison.Ordinal);
}
