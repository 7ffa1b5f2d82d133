using System.Text.Json;
using SoftSwitch.SystemTests.Nat;
using SoftSwitch.SystemTests.Peers;
using SoftSwitch.SystemTests.Switching;

namespace SoftSwitch.SystemTests.Addressing;

/// <summary>A guest on a cable whose client of DHCP runs on while the switch is killed and started again.</summary>
internal static class OverAKill
{
    /// <summary>The client has an address, keeps it all the time, and has its lease prolonged by the second switch.</summary>
    /// <param name="folder">The caller's; the switch keeps its state there.</param>
    /// <param name="startClient">Starts the client in <see cref="World.One"/>, where eth0 is.</param>
    public static void KeepsItsLease(World world, string folder, Action startClient)
    {
        world.Host.Veth("cable", world.One, "eth0");
        var config = $$"""
            state: {{folder}}
            networks: { dev: { mode: nat, subnet: {{World.Inside}}, dhcp: { lease: 60s } } }
            ports: { one: { network: dev, kind: nic, interface: cable } }
            """;
        using var killed = SoftSwitchProcess.Start(config, world.Host);
        startClient();
        Eventually.Holds(() => Bound(killed) is not null, seconds: 20);
        var address = Address(Bound(killed)!.Value);
        Eventually.Holds(() => Has(world.One, address));
        Ping.Wait(world.One, World.FarAddress);
        using var changes = world.One.Start("ip", "-4", "monitor", "address");
        // Leases are written about a second after they were given.
        Eventually.Holds(() => File.Exists(Path.Combine(folder, "leases"))
            && File.ReadAllText(Path.Combine(folder, "leases")).Contains(address, StringComparison.Ordinal));
        killed.Kill();

        using var started = SoftSwitchProcess.Start(config, world.Host);
        var first = Bound(started)!.Value;
        Assert.Equal(address, Address(first));
        Ping.Wait(world.One, World.FarAddress);
        // Half of its time is over after 30 s.
        Eventually.Holds(() => Bound(started) is { } lease && Expires(lease) > Expires(first), seconds: 45);
        Assert.Equal(address, Address(Assert.Single(started.Items("leases"))));
        Assert.True(Has(world.One, address));
        Assert.True(Ping.Reaches(world.One, World.FarAddress));
        Assert.DoesNotContain(changes.Output, line => line.StartsWith("Deleted", StringComparison.Ordinal));
        started.Terminate();
    }

    private static JsonElement? Bound(SoftSwitchProcess started) => started.Items("leases")
        .Where(lease => lease.GetProperty("state").GetString() == "bound").Select(lease => (JsonElement?)lease).FirstOrDefault();

    private static string Address(JsonElement lease) => lease.GetProperty("address").GetString()!;

    private static DateTimeOffset Expires(JsonElement lease) => lease.GetProperty("expires").GetDateTimeOffset();

    private static bool Has(NetNs guest, string address) =>
        guest.Check("ip -4 -o addr show dev eth0").Contains($" {address}/24 ", StringComparison.Ordinal);
}
