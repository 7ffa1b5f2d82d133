using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>What translation knows of a network that lives: its model, and the gateway inside it.</summary>
internal sealed class NatNetwork(NetworkModel model, Gateway gateway)
{
    private volatile GuestNames? _names;

    /// <summary>How it is translated may become another; where it meets the outside, and its gateway, don't.</summary>
    public NetworkModel Model { get; set; } = model;

    public Gateway Gateway => gateway;

    /// <summary>What its addresses are called; null: nobody knows. For any thread.</summary>
    public GuestNames? Names
    {
        get => _names;
        set => _names = value;
    }

    public NatModel Nat => Model.Nat!;

    /// <summary>By which the translators of its outside know it.</summary>
    public int Policy => Gateway.Policy;

    /// <summary>As another model has it, which has it.</summary>
    public NetworkModel In(SwitchModel model) => model.Networks.First(network => network.Name == Model.Name);

    /// <summary>Networks with the same share an outside.</summary>
    public OutsidePlace Place => OutsidePlace.Of(Model);

    /// <summary>It is the network of a model, as far as its gateway and its outside go: no more than how it is translated is
    /// another.</summary>
    public bool Is(NetworkModel network) => network.Mode == NetworkMode.Nat && OutsidePlace.Of(network) == Place
        && (network.Gateway, network.Subnet) == (Gateway.Address, Gateway.Subnet);
}
