using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services.Dhcp;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Forwarding.Stations;
using SoftSwitch.Model;

namespace SoftSwitch.State.Networks;

/// <summary>A network of a <see cref="SwitchSnapshot"/>.</summary>
/// <param name="Model">As the file has it.</param>
/// <param name="Bridge">Where its ports are.</param>
/// <param name="Station">Ours in it: the gateway, or who serves where there is none; null: neither.</param>
/// <param name="Obstacle">Why its ports wait; left out: they don't.</param>
/// <param name="Leases">What it has given by DHCP; left out: it gives nothing.</param>
/// <param name="Names">What its addresses are called; left out: nobody knows.</param>
internal sealed record NetworkSnapshot(
    NetworkModel Model, Bridge Bridge, Station? Station, string? Obstacle = null, LeaseTable? Leases = null, GuestNames? Names = null)
{
    /// <summary>Null in a network that has none.</summary>
    public Gateway? Gateway => Station as Gateway;
}
