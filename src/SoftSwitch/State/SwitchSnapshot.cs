using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;
using SoftSwitch.State.Nat;
using SoftSwitch.State.Networks;
using SoftSwitch.State.Ports;

namespace SoftSwitch.State;

/// <summary>
/// What there is of a running switch at a moment, for any thread: all that the API knows of it. The control loop publishes each part whole
/// and never changes it; the tables and counters behind them are the forwarding's own, which may be read while they are written.
/// </summary>
/// <param name="Model">What runs.</param>
/// <param name="Started">Since when.</param>
/// <param name="Now">The moment.</param>
/// <param name="Networks">In the order of the file.</param>
/// <param name="Ports">Those of the file and those that networks bring, open or not.</param>
/// <param name="Outsides">The outsides of the nat networks.</param>
internal sealed record SwitchSnapshot(
    SwitchModel Model, DateTimeOffset Started, Instant Now,
    IReadOnlyList<NetworkSnapshot> Networks, IReadOnlyList<PortSnapshot> Ports, IReadOnlyList<OutsideSnapshot> Outsides)
{
    /// <summary>How often another program has gone on in this process.</summary>
    public int Restarts { get; init; }

    /// <summary>Why the one that was agreed to last didn't come; null: it did.</summary>
    public string? RefusedRestart { get; init; }

    /// <summary>What of it isn't as the file has it.</summary>
    public RunTimeOrigins RunTime { get; init; } = RunTimeOrigins.None;

    /// <summary>Ours: those in networks, and those outside.</summary>
    public IEnumerable<Station> Stations =>
        Networks.Select(network => network.Station).OfType<Station>().Concat(Outsides.SelectMany(outside => outside.Stations));

    /// <summary>The names of ports and of our stations by the places where they are plugged in.</summary>
    public ILookup<(Bridge Bridge, ushort Slot), string> Names() => Ports.Select(port => (Place: (port.Bridge, port.Slot), port.Model.Name))
        .Concat(Networks.Where(network => network.Station is not null)
            .Select(network => (Place: (network.Bridge, network.Station!.Membership!.Slot), network.Station.Name)))
        .ToLookup(port => port.Place, port => port.Name);
}
