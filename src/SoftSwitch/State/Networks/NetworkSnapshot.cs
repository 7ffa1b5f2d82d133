using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;

namespace SoftSwitch.State.Networks;

/// <summary>A network of a <see cref="SwitchSnapshot"/>.</summary>
/// <param name="Model">As the file has it.</param>
/// <param name="Bridge">Where its ports are.</param>
/// <param name="Gateway">Ours in it; null in a network that has none.</param>
/// <param name="Obstacle">Why its ports wait; left out: they don't.</param>
internal sealed record NetworkSnapshot(NetworkModel Model, Bridge Bridge, Gateway? Gateway, string? Obstacle = null);
