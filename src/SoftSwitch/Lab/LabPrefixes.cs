using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>Prefixes that lie over none of a file's, each given once.</summary>
internal sealed class LabPrefixes(SwitchModel model)
{
    private readonly List<Ipv4Subnet> _taken = [.. model.NamedSubnets()];

    /// <summary>A /16 for the addresses of all stations; the last candidate (RFC 2544, benchmarks) when the file uses them all.</summary>
    public Ipv4Subnet ForStations() => Take(
        Enumerable.Range(200, 50).Select(octet => (10u << 24) | ((uint)octet << 16))
            .Concat([(172u << 24) | (31u << 16), (198u << 24) | (18u << 16)]), 16);

    /// <summary>A /24 for a wire outside: of those for documentation (RFC 5737) first, then of those for benchmarks (RFC 2544).</summary>
    public Ipv4Subnet ForWire() => Take(
        new[] { 0xC0000200u, 0xC6336400u, 0xCB007100u }.Concat(Enumerable.Range(0, 256)
            .Select(octet => (198u << 24) | (19u << 16) | ((uint)octet << 8))), 24);

    private Ipv4Subnet Take(IEnumerable<uint> candidates, int prefixLength)
    {
        var subnets = candidates.Select(address => new Ipv4Subnet(new(address), prefixLength)).ToList();
        var free = subnets.Find(one => !_taken.Exists(one.Overlaps)) is { PrefixLength: not 0 } found ? found : subnets[^1];
        _taken.Add(free);
        return free;
    }
}
