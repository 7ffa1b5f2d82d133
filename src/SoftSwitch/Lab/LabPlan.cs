using System.Globalization;
using System.Net;
using SoftSwitch.Cli;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>
/// What a lab plays: a configuration, and a station for each of its ports.
/// <para>
/// All stations, on whatever network, have an address in one prefix (a /16, and a /64), the third octet telling the network. So each takes each other for a
/// neighbour: whoever must not be reached is asked for on the wire, and not refused by a routing table before a frame was sent. An address
/// that the file gives comes beside it, and neighbours by that address are checked by it too.
/// </para>
/// </summary>
internal sealed record LabPlan
{
    /// <summary>Everyone is checked with everyone, so the work grows with the square.</summary>
    public const int MaximumStations = 128;

    public const int Ipv4PrefixLength = 16;

    public const int Ipv6PrefixLength = 64;

    private LabPlan(SwitchModel model, IReadOnlyList<LabStation> stations)
    {
        Model = model;
        Stations = stations;
    }

    public SwitchModel Model { get; init; }

    /// <summary>Network by network, in the order of the file.</summary>
    public IReadOnlyList<LabStation> Stations { get; init; }

    /// <exception cref="CommandException">There are more ports than a lab plays.</exception>
    public static LabPlan Of(SwitchModel model)
    {
        if (model.Ports.Count > MaximumStations)
            throw new CommandException(ExitStatus.Mistake,
                $"{model.Ports.Count} ports are more than a lab plays ({MaximumStations}): try a part of the file");
        var prefix = FreePrefix(model);
        var networks = model.Networks.Where(network => model.Ports.Any(port => port.Network == network.Name)).ToList();
        var members = new int[networks.Count];
        var stations = new List<LabStation>();
        foreach (var (network, port) in model.Ports.Select(port => (Network: networks.FindIndex(one => one.Name == port.Network), Port: port)).OrderBy(one => one.Network))
        {
            var host = ++members[network];
            stations.Add(new(stations.Count, port, networks[network],
                new(prefix.Address.Value | (uint)(network + 1) << 8 | (uint)host),
                IPAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd00::{network + 1:x}:{host:x}"))));
        }
        return new(model, stations);
    }

    /// <summary>A prefix that lies over none of the file's; the last candidate (RFC 2544, benchmarks) when the file uses them all.</summary>
    private static Ipv4Subnet FreePrefix(SwitchModel model)
    {
        var taken = model.Networks.Where(network => network.Subnet is not null).Select(network => network.Subnet!.Value)
            .Concat(model.Ports.Select(port => new LabStation(0, port, model.Networks[0], default, IPAddress.None).Own)
                .Where(own => own is not null).Select(own => own!.Value.Subnet))
            .ToList();
        var candidates = Enumerable.Range(200, 50).Select(octet => (10u << 24) | ((uint)octet << 16))
            .Concat([(172u << 24) | (31u << 16), (198u << 24) | (18u << 16)])
            .Select(address => new Ipv4Subnet(new(address), Ipv4PrefixLength)).ToList();
        return candidates.Find(one => !taken.Exists(one.Overlaps)) is { PrefixLength: not 0 } free ? free : candidates[^1];
    }
}
