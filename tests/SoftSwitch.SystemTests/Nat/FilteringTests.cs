using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Nat;

/// <summary>Who outside may use a guest's port, by the three values of "filtering".</summary>
public sealed class FilteringTests : IDisposable
{
    private readonly World _world = new();

    public void Dispose() => _world.Dispose();

    [Theory]
    [InlineData("endpoint", "Endpoint Independent Filtering")]
    [InlineData("address", "Address Dependent Filtering")]
    [InlineData("address-and-port", "Address and Port Dependent Filtering")]
    public void Coturn_sees_the_filtering_that_was_chosen_and_one_mapping_for_all(string filtering, string verdict)
    {
        using var started = _world.Start($$"""
            networks:
              dev: { mode: nat, subnet: {{World.Inside}}, outside: {}, filtering: {{filtering}} }
            {{_world.Ports}}
            """);
        using var discovery = new NatDiscovery(_world.Far, World.FarAddress, World.FarOtherAddress);
        Assert.Equal("Endpoint Independent Mapping", discovery.Mapping(_world.One));
        Assert.Equal(verdict, discovery.Filtering(_world.One));
        started.Terminate();
    }
}
