using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Linux.Netlink;

namespace SoftSwitch.State.Nat;

/// <summary>Where the host's routing leads a destination, for who asks.</summary>
/// <param name="Answer">The kernel's.</param>
/// <param name="Way">The way that it is; null: none, or one that isn't open.</param>
/// <param name="Why">The rule and table, as far as they are known.</param>
/// <param name="IsRefused">The way could not be taken a moment ago.</param>
/// <param name="RulesLookAtPorts">The host has rules for which a destination has no one answer.</param>
internal sealed record LedTo(
    RouteAnswer Answer, Outside? Way = null, string? Why = null, bool IsRefused = false, bool RulesLookAtPorts = false)
{
    /// <summary>The host has it by a route of another table than local, which is no way for guests.</summary>
    public bool IsLocalElsewhere { get; init; }

    /// <summary>The name of the interface; null: there is none.</summary>
    public string? Interface { get; init; }
}
