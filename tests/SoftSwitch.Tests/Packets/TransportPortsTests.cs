using CsCheck;
using SoftSwitch.Packets;

namespace SoftSwitch.Tests.Packets;

public class TransportPortsTests
{
    private static readonly Gen<TransportPorts[]> s_ranges =
        Gen.Select(Gen.Bool, Gen.Int[0, 400], Gen.Int[0, 20], (isTcp, first, more) =>
            new TransportPorts(isTcp ? IpProtocol.Tcp : IpProtocol.Udp, first, first + more)).Array[0, 30];

    [Fact]
    public void Joined_ranges_cover_the_same_ports_in_order_and_with_gaps_between_them() => s_ranges.Sample(ranges =>
    {
        var merged = TransportPorts.Merge(ranges, IpProtocol.Tcp);
        var ports = ranges.Where(range => range.Protocol == IpProtocol.Tcp).SelectMany(Ports).ToHashSet();
        return ports.SetEquals(merged.SelectMany(Ports)) && merged.Zip(merged.Skip(1)).All(pair => pair.First.Last + 1 < pair.Second.First);
    });

    [Fact]
    public void Under_a_limit_they_cover_no_less_and_are_no_more() => Gen.Select(s_ranges, Gen.Int[1, 5]).Sample((ranges, limit) =>
    {
        var merged = TransportPorts.Merge(ranges, IpProtocol.Udp, limit);
        return merged.Count <= limit
            && ranges.Where(range => range.Protocol == IpProtocol.Udp)
                .SelectMany(Ports).All(port => merged.Any(range => range.Contains(port)))
            && merged.Zip(merged.Skip(1)).All(pair => pair.First.Last < pair.Second.First);
    });

    [Fact]
    public void The_smallest_gaps_are_given_up_first() => Assert.Equal(
        ["tcp/1-4", "tcp/10-13"],
        TransportPorts.Merge([new(6, 1, 1), new(6, 4, 4), new(6, 10, 10), new(6, 13, 13)], IpProtocol.Tcp, 2)
            .Select(range => range.ToString()));

    [Fact]
    public void The_widest_gap_has_no_port_of_the_ranges_and_none_is_wider() =>
        Gen.Select(s_ranges, Gen.Int[0, 200], Gen.Int[0, 300]).Sample((ranges, first, more) =>
        {
            var (gap, longest, free) = (TransportPorts.WidestGap(ranges, first, first + more), 0, 0);
            for (var port = first; port <= first + more; port++)
            {
                free = ranges.Any(range => range.Contains(port)) ? 0 : free + 1;
                longest = int.Max(longest, free);
            }
            return gap.Count == longest && gap.First >= first && gap.Last <= first + more
                && !Ports(gap).Any(port => ranges.Any(range => range.Contains(port)));
        });

    private static IEnumerable<int> Ports(TransportPorts range) => Enumerable.Range(range.First, range.Count);
}
