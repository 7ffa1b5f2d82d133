using SoftSwitch.Model;
using SoftSwitch.Packets;

namespace SoftSwitch.Addressing;

/// <summary>
/// The address by which guests know who serves them, with addresses or names: the gateway's where it is ours. In a host-only network that
/// is the host's, whose stack would get what clients say to it: there, and where there is no gateway, the last that the file gives to
/// nobody.
/// </summary>
internal static class ServerAddress
{
    /// <returns>Null: all are taken, or there is no subnet.</returns>
    public static Ipv4Address? Of(NetworkModel network, SwitchModel model)
    {
        if (network.Mode == NetworkMode.Nat)
            return network.Gateway;
        if (network.Subnet is not { } subnet)
            return null;
        var taken = TakenAddresses.Of(network, model).ToHashSet();
        for (var address = subnet.Broadcast.Value - 1; address >= subnet.First.Value; address--)
        {
            if (taken.Add(new(address)))
                return new(address);
        }
        return null;
    }
}
