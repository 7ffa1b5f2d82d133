using SoftSwitch.Linux.Relays;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Linux;

public class RelayPortsTests
{
    private static readonly TransportPorts s_ephemeral = Range(32768, 60999);

    [Fact]
    public void The_kernel_chooses_where_it_chooses_none_of_ours() =>
        Assert.Same(RelayPorts.Any, RelayPorts.Beside([Range(16384, 29999), Range(2222, 2222), Range(61000, 61010)], s_ephemeral, []));

    [Theory]
    [InlineData(30000, 49999, 50000, 60999)]
    [InlineData(30000, 60000, 1024, 29999)]
    public void They_are_others_than_ours_and_than_what_is_kept_for_programs_the_kernel_s_as_long_as_there_are_enough(int first, int last,
        int free, int lastFree)
    {
        var ports = RelayPorts.Beside([Range(first, last)], s_ephemeral, [Range(free + 5, free + 6)]);
        var chosen = Enumerable.Range(0, 65536).Where(ports.Contains).ToList();
        Assert.Equal((free, 5), (chosen[0], chosen.Count(port => port < free + 7)));
        Assert.Contains(lastFree, chosen);
        Assert.DoesNotContain(chosen, port => port >= first && port <= last);
    }

    private static TransportPorts Range(int first, int last) => new(IpProtocol.Udp, first, last);
}
