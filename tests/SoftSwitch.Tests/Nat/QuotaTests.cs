using SoftSwitch.Model;
using SoftSwitch.State.Nat;

namespace SoftSwitch.Tests.Nat;

public sealed class QuotaTests
{
    [Theory]
    [InlineData(16_384, 29_999, 4096, 4096)]
    [InlineData(16_384, 29_999, 196_608, 6808)]
    [InlineData(1, 65_535, 196_608, 32_256)]
    [InlineData(1, 1100, 4096, 38)]
    [InlineData(100, 200, 4096, 50)]
    [InlineData(20_000, 20_000, 4096, 1)]
    public void Nobody_is_given_more_than_half_of_the_ports_whatever_the_file_says(int first, int last, int perGuest, int given)
    {
        var nat = new NatModel { Outside = new() { Ports = new(first, last) }, PortsPerGuest = perGuest };
        Assert.Equal(given, NaptOptionsOf.Policy(nat, isHost: false).MappingsPerOwner);
        // Toward the host, all ports are ours.
        Assert.Equal(196_608, NaptOptionsOf.Policy(nat, isHost: true).MappingsPerOwner);
    }

    [Theory]
    [InlineData(1 << 20, 1 << 16, 1 << 16)]
    [InlineData(100_000, 100_000, 50_000)]
    [InlineData(2, 2, 2)]
    public void Nobody_is_given_more_than_half_of_the_flows_whatever_the_file_says(int flows, int perGuest, int given) =>
        Assert.Equal(given, NaptOptionsOf.Policy(new NatModel { Flows = flows, FlowsPerGuest = perGuest }, isHost: false).FlowsPerOwner);
}
