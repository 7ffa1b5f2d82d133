using SoftSwitch.Forwarding.Ports;
using SoftSwitch.Packets;

namespace SoftSwitch.Model;

// What a configuration means: complete, checked, with every default filled in, and immutable. It is built from what the
// user wrote (Config) and is the only form that the rest of the program sees; what lives on (State) points at it. Two models
// that say the same are equal, so that applying a new file is a comparison. Any thread may read it.

/// <summary>The compiled configuration of one switch.</summary>
public sealed record SwitchModel
{
    /// <summary>Forwarding threads that there may be.</summary>
    public const int MostWorkers = Port.MostWorkers;

    /// <summary>In the order of the file, names unique.</summary>
    public required ValueList<NetworkModel> Networks { get; init; }

    /// <summary>The uplinks of networks first, then in the order of the file; names unique, each on a network of
    /// <see cref="Networks"/>.</summary>
    public required ValueList<PortModel> Ports { get; init; }

    /// <summary>Forwarding threads, 1 to 64.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The processor of each worker, by its place in the list; at least as many as workers, or empty: not pinned.</summary>
    public ValueList<int> Cpus { get; init; } = [];

    public PollMode Poll { get; init; }

    /// <summary>A loopback address and a port, such as 127.0.0.1:8080, on which the API answers beside the control socket; null:
    /// none.</summary>
    public string? Listen { get; init; }

    /// <summary>The folder, an absolute path, for what must survive; null: the default one. Nothing of what runs now is kept
    /// there.</summary>
    public string? State { get; init; }

    /// <summary>The subnets that the file names anywhere: of networks, of outsides, of ports' addresses.</summary>
    public IEnumerable<Ipv4Subnet> NamedSubnets() =>
        Networks.SelectMany(network => new[] { network.Subnet, network.Nat?.Outside.Address?.Subnet })
            .Concat(Ports.OfType<InterfaceModel>().Select(port => port.Address?.Subnet)).OfType<Ipv4Subnet>();
}
