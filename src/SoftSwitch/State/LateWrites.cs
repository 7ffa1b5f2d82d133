using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Logging;

namespace SoftSwitch.State;

/// <summary>
/// Folders that the running switch writes in later, when it has no right any more but its user's: in a folder of another user it can't make
/// or remove anything then, even if root started it. That isn't reason enough not to run, so it is said at the start, before it happens. A
/// flow log is tried out by itself.
/// </summary>
internal static class LateWrites
{
    public static void Tell(string? state, string socket, ISwitchLog log)
    {
        var me = LocalUser.Name(ControlSocket.CurrentUser);
        if (state is not null && ForeignFolder.Of(state) is { } others)
        {
            log.Write(LogLevel.Warning,
                $"the state folder {state} belongs to {others.Owner}, and a running switch has no right to write in others' folders: "
                + $"what it finds out is not kept for the next start; chown {me} {state}, "
                + $"or write state: and a folder that belongs to {me}");
        }
        if (ForeignFolder.Of(Path.GetDirectoryName(socket)!) is { } folder)
        {
            log.Write(LogLevel.Warning,
                $"the folder of the control socket {socket} belongs to {folder.Owner}, "
                + "and a running switch has no right to write in others' folders: "
                + "the socket stays there when it ends, until the next start replaces it; name one in another folder with --socket PATH");
        }
    }
}
