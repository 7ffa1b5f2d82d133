using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.State.Networks;

/// <summary>The ports that a mode adds for the host: in a host-only network an interface on the host, with the gateway's address. What an
/// uplink brings with it says <see cref="Ports.HostAndUplink"/>.</summary>
internal static class ModePorts
{
    public static IEnumerable<PortModel> Of(NetworkModel network, StationMacs macs)
    {
        if (network.Mode != NetworkMode.HostOnly)
            yield break;
        yield return new TapModel
        {
            Name = network.HostInterface!,
            Network = network.Name,
            Interface = network.HostInterface!,
            Mtu = network.Mtu,
            FloodLimit = PortModel.FloodLimitOfLan,
            Mac = macs.HostInterface(network.Name),
            Address = new(network.Gateway!.Value, network.Subnet!.Value.PrefixLength),
        };
    }
}
