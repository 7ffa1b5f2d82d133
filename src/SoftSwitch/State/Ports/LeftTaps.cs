using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Endpoints;
using SoftSwitch.Linux.Endpoints.Guest;
using SoftSwitch.Linux.Netlink;
using SoftSwitch.Logging;
using SoftSwitch.Model;

namespace SoftSwitch.State.Ports;

/// <summary>Taps for guests that a run which was killed has left, and that no port has any more: what nobody holds goes.</summary>
internal static class LeftTaps
{
    /// <summary>Call on a thread in the switch's namespace, when the ports of a start are open.</summary>
    public static void Remove(SwitchModel model, InterfaceMark mark, ISwitchLog log)
    {
        var named = model.Ports.OfType<GuestModel>().Select(port => port.Interface).ToHashSet();
        try
        {
            using var links = new Links();
            foreach (var link in links.List().Where(link => link.Alias == mark.Alias && !named.Contains(link.Name)))
            {
                if (!PersistentTap.IsTaken(link))
                    Remove(links, link, log);
            }
        }
        catch (SystemCallException e)
        {
            log.Write(LogLevel.Warning, $"taps that a run which was killed may have left stay, sealed, for the next start: {e.Message}");
        }
    }

    private static void Remove(Links links, LinkInfo link, ISwitchLog log)
    {
        try
        {
            if (PersistentTap.RemoveIfFree(links, link.Index))
                log.Write(LogLevel.Info, $"tap {link.Name} is removed: a run that was killed had left it, and no port of the file has it");
            else
                log.Write(LogLevel.Warning, $"tap {link.Name} stays: a run that was killed had left it, and no port of the file has it, "
                    + "but a guest holds it, which is plugged in nowhere");
        }
        catch (SystemCallException e)
        {
            log.Write(LogLevel.Warning, $"tap {link.Name} stays, sealed, for the next start: a run that was killed had left it, "
                + $"and no port of the file has it, but it can't be removed: {e.Message}");
        }
    }
}
