using SoftSwitch.Kinds;
using SoftSwitch.Model;

namespace SoftSwitch.State.Changes;

/// <summary>Addresses that the switch has made for ports: a port that goes to another network keeps its own, for its other end knows it by
/// that, until the switch starts anew.</summary>
internal static class KeptMacs
{
    /// <param name="model">What is to run, with an address for each port.</param>
    /// <param name="now">What runs; null: nothing does.</param>
    public static SwitchModel In(SwitchModel model, SwitchModel? now)
    {
        if (now is null)
            return model;
        var (first, last) = Ends.Same(now.Ports, model.Ports);
        if (first + last == model.Ports.Count)
            return model;
        var before = now.Ports.Skip(first).SkipLast(last).ToDictionary(port => port.Name);
        return model with
        {
            Ports =
            [
                .. model.Ports.Take(first),
                .. model.Ports.Skip(first).SkipLast(last).Select(port => Keep(port, before.GetValueOrDefault(port.Name))),
                .. model.Ports.TakeLast(last),
            ],
        };
    }

    private static PortModel Keep(PortModel port, PortModel? before) => (port, before) switch
    {
        (GuestModel guest, GuestModel was) when (guest.MadeMac, guest.InterfaceMac) == (was.MadeMac, was.InterfaceMac) => guest,
        (GuestModel guest, GuestModel was) => guest with { MadeMac = was.MadeMac, InterfaceMac = was.InterfaceMac },
        (_, { MadeMac: { } made }) when port.MadeMac != made && port.Kind == before.Kind => port with { MadeMac = made },
        _ => port,
    };
}
