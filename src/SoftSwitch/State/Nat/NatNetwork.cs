using System.Globalization;
using SoftSwitch.Forwarding.Routing;
using SoftSwitch.Forwarding.Services.Dns;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.State.Nat;

/// <summary>What translation knows of a network that lives: its model, and the gateway inside it.</summary>
internal sealed class NatNetwork(NetworkModel model, Gateway gateway)
{
    private volatile GuestNames? _names;

    /// <summary>How it is translated may become another; where it meets the outside doesn't.</summary>
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

    /// <summary>Those of a model, numbered among those that share an outside.</summary>
    public static IEnumerable<NatNetwork> AllOf(SwitchModel model, StationMacs macs) =>
        from outside in model.Networks.Where(network => network.Mode == NetworkMode.Nat).GroupBy(OutsidePlace.Of)
        from network in outside.Select((network, policy) => new NatNetwork(network, new(
            string.Create(CultureInfo.InvariantCulture, $"{network.Name}.gateway"), macs.Gateway(network.Name),
            network.Gateway!.Value, network.Subnet!.Value, network.Mtu, model.Workers, policy)))
        select network;
}
