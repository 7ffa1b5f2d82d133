using SoftSwitch.Forwarding.Time;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>
/// What there is of a running switch at a moment, for any thread: all that the API knows of it. The control loop publishes each part whole and never changes it;
/// the tables and counters behind them are the forwarding's own, which may be read while they are written.
/// </summary>
/// <param name="Model">What runs.</param>
/// <param name="Started">Since when.</param>
/// <param name="Now">The moment.</param>
/// <param name="Networks">In the order of the file.</param>
/// <param name="Ports">Those of the file and those that networks bring, open or not.</param>
/// <param name="Outsides">The outsides of the nat networks.</param>
internal sealed record SwitchSnapshot(
    SwitchModel Model, DateTimeOffset Started, Instant Now,
    IReadOnlyList<NetworkSnapshot> Networks, IReadOnlyList<PortSnapshot> Ports, IReadOnlyList<OutsideSnapshot> Outsides);
