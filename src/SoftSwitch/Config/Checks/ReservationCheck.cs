using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Yaml;
using SoftSwitch.Model;

namespace SoftSwitch.Config.Checks;

/// <summary>Holds the addresses that are reserved against those that the file gives to ports.</summary>
internal static class ReservationCheck
{
    public static void Check(SwitchEntry config, MistakeList mistakes)
    {
        var owners = config.Ports.Select(port => port.Model).OfType<InterfaceModel>().Where(port => port.Address is not null)
            .ToLookup(port => (port.Network, port.Address!.Value.Address), port => port.Name);
        if (owners.Count == 0)
            return;
        foreach (var network in config.Networks)
        {
            foreach (var (_, reservation) in network.Places.In(NetworkKeys.Dhcp).Of(DhcpKeys.Reservations))
            {
                if (reservation.Of(ReservationKeys.Address) is { } address
                    && owners[(network.Model.Name, address.Value)].FirstOrDefault() is { } owner)
                    mistakes.Add(address.At, $"{address.Value} is port '{owner}''s: reserve another address");
            }
        }
    }
}
