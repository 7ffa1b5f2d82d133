using SoftSwitch.Linux.HostFacts;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Nat;

/// <summary>Tells that the host has taken an outside address of its own for itself, and that it is over. At start that is a mistake of the
/// file. Used by the control loop alone.</summary>
/// <param name="log">Told so.</param>
/// <param name="name">The first of the networks behind the outside.</param>
/// <param name="own">The address.</param>
/// <param name="links">The host's interfaces.</param>
internal sealed class HostsAddress(ISwitchLog log, string name, InterfaceAddress own, Links links)
{
    private bool _isTold;

    public void Follow(HostIpv4 host)
    {
        if (host.IsOwn(own.Address) == _isTold)
            return;
        _isTold = !_isTold;
        log.News(LogSubject.OfOutside(name), _isTold ? LogLevel.Warning : LogLevel.Info, _isTold
            ? Text(host.Addresses.First(taken => taken.Address == own.Address))
            : $"the host has given {own.Address} up: it is this network's alone again");
    }

    private string Text(AddressInfo taken)
    {
        var at = links.FindByIndex(taken.Interface)?.Name;
        return $"the host has taken {own.Address} for itself{(at is null ? "" : $", on {at}")}, and both answer for it now: take it from "
            + $"the host (ip addr del {taken.Address}/{taken.PrefixLength} dev {at ?? "…"}), or write another address here, or "
            + "address: host to share it";
    }
}
