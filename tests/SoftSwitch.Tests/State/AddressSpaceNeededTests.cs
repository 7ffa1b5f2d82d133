using SoftSwitch.Model;
using SoftSwitch.Packets;
using SoftSwitch.State;

namespace SoftSwitch.Tests.State;

public sealed class AddressSpaceNeededTests
{
    private const long Mebibyte = 1 << 20;

    [Fact]
    public void Workers_outsides_and_flows_count_and_networks_that_share_an_outside_count_once()
    {
        Assert.Equal(640, Needed(1));
        Assert.InRange(Needed(4) - Needed(3), 140, 141);
        var one = Needed(1, Nat(1 << 20));
        Assert.InRange(one, 750, 850);
        // Another 256 MiB of flows, and another outside's tables.
        Assert.InRange(Needed(1, Nat(1 << 20), Nat(1 << 20)) - one, 256, 257);
        Assert.InRange(Needed(1, Nat(1 << 20), Nat(1 << 20, "192.0.2.9")) - one, 256 + 114, 256 + 115);
    }

    private static long Needed(int workers, params NetworkModel[] networks) =>
        AddressSpaceNeeded.Of(new() { Workers = workers, Networks = [.. networks], Ports = [] }) / Mebibyte;

    private static NetworkModel Nat(int flows, string? address = null) => new()
    {
        Name = "n", Mode = NetworkMode.Nat,
        Nat = new() { Flows = flows, Outside = new() { Address = address is null ? null : new(Ipv4Address.Parse(address), 24) } },
    };
}
