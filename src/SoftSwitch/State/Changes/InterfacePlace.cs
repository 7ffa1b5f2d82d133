using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>Where an interface is.</summary>
/// <param name="Interface">Its name.</param>
/// <param name="Netns">Its network namespace; null: the switch's own.</param>
internal sealed record InterfacePlace(string Interface, string? Netns)
{
    /// <summary>Null: the port has no interface.</summary>
    public static InterfacePlace? Of(PortModel port) => port is InterfaceModel one ? new(one.Interface, one.Netns) : null;
}
