using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>A nat network that lives: its model, and the gateway inside it.</summary>
internal sealed record NatNetwork(NetworkModel Model, Gateway Gateway)
{
    public NatModel Nat => Model.Nat!;

    /// <summary>By which the translators of its outside know it.</summary>
    public int Policy => Gateway.Policy;
}
