using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.Guest;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>Programs that hold a tap of a port's name which isn't this switch's. Who it is can be told only before privileges are given up;
/// that the port can't have it, and what to do, is said when it is opened.</summary>
internal static class HeldTaps
{
    public static void Tell(SwitchModel model, InterfaceMark mark, ISwitchLog log)
    {
        try
        {
            using var links = new Links();
            foreach (var port in model.Ports.OfType<GuestModel>())
            {
                if (PersistentTap.HolderOfOthers(links, port.Interface, mark) is { } holder)
                    log.Write(LogLevel.Warning, $"port {port.Name}: {holder} holds a tap {port.Interface} that isn't this switch's");
            }
        }
        catch (SystemCallException)
        {
            // Opening the port meets the same, and says it.
        }
    }
}
