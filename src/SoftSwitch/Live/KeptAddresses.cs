using SoftSwitch.Addressing;
using SoftSwitch.Model;

namespace SoftSwitch.Live;

/// <summary>Subnets and addresses that a file leaves to us, and that what runs has: a reload doesn't choose them anew.</summary>
internal static class KeptAddresses
{
    /// <param name="model">As the file has it.</param>
    /// <param name="now">What runs.</param>
    public static SwitchModel In(SwitchModel model, SwitchModel now)
    {
        if (!model.Networks.Any(SubnetChoice.IsNeeded) && !model.Ports.Any(port => port is InterfaceModel { TakesAddress: true }))
            return model;
        var networks = now.Networks.ToDictionary(network => network.Name);
        var ports = now.Ports.OfType<InterfaceModel>().ToDictionary(port => port.Name);
        var named = model.NamedSubnets().ToList();
        model = model with { Networks = [.. model.Networks.Select(Subnet)] };
        var after = model.Networks.ToDictionary(network => network.Name);
        return model with { Ports = [.. model.Ports.Select(Address)] };

        NetworkModel Subnet(NetworkModel network) =>
            SubnetChoice.IsNeeded(network) && networks.GetValueOrDefault(network.Name) is { Subnet: { } subnet } before
                && !named.Exists(subnet.Overlaps)
                ? network with { Subnet = subnet, Gateway = network.Gateway ?? before.Gateway } : network;

        PortModel Address(PortModel port)
        {
            if (port is not InterfaceModel { TakesAddress: true, Address: null } taking
                || ports.GetValueOrDefault(port.Name) is not { Address: { } address } before || before.Network != port.Network
                || after.GetValueOrDefault(port.Network) is not { } network || !PortAddresses.IsFree(address.Address, network, model))
                return port;
            return taking with { Address = address };
        }
    }
}
