using SoftSwitch.Kinds;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.State;

/// <summary>The ports that a mode adds for the host: in a host-only network an interface on the host, with the gateway's address.</summary>
internal static class ModePorts
{
    public static IEnumerable<PortModel> Of(SwitchModel model, StationMacs macs) =>
        model.Networks.Where(network => network.Mode == NetworkMode.HostOnly).Select(network => new TapModel
        {
            Name = network.HostInterface!,
            Network = network.Name,
            Interface = network.HostInterface!,
            Mtu = network.Mtu,
            MadeMac = macs.HostInterface(network.Name),
            Address = new(network.Gateway!.Value, network.Subnet!.Value.PrefixLength),
        });
}
