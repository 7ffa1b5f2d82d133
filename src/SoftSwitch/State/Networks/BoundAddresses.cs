using System.Collections.Frozen;
using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.State.Networks;

/// <summary>The addresses in a network that count behind one port alone: those that the file gives to ports, and in a host-only network the
/// gateway's, which is the host's.</summary>
internal static class BoundAddresses
{
    public static FrozenDictionary<Ipv4Address, string> Of(NetworkModel network, SwitchModel model)
    {
        var bound = new Dictionary<Ipv4Address, string>();
        if (network is { HostInterface: { } host, Gateway: { } gateway })
            bound.Add(gateway, host);
        foreach (var port in model.Ports.OfType<InterfaceModel>().Where(port => port.Network == network.Name))
        {
            if (port.Address is { Address: var address })
                bound.TryAdd(address, port.Name);
        }
        return bound.ToFrozenDictionary();
    }
}
