using System.Globalization;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Model;

namespace SoftSwitch.State;

/// <summary>
/// `run` is two programs in one process, one after the other. The first has every right that it was started with, and does what takes them: it reads the file,
/// chooses subnets and remembers them, makes the control socket and gives it to its group, says who has a port that is to be forwarded. The second is this program executed anew
/// with what <see cref="Privilege"/> keeps, and so are all of its threads; it is handed the finished model and the socket.
/// </summary>
internal sealed record Handover(SwitchModel Model, ControlSocket Socket)
{
    private const string Variable = "SOFTSWITCH_HANDOVER";

    /// <summary>What the first one hands over; null: this is the first.</summary>
    public static Handover? Take()
    {
        if (FreshStart.TakeLegacy(Variable)?.Split(' ', 2) is not [var number, var left] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var file))
            return null;
        try
        {
            return ConfigFile.ParseJson("the model", MemoryFile.Take(file)) is { Ok: true } read && ControlSocket.Adopt(left) is { } socket ? new(read.Model, socket) : null;
        }
        catch (IOException)
        {
            return null; // Somebody else's variable of that name.
        }
    }

    /// <summary>
    /// Gives up what isn't kept. Where the kernel has that done by executing this program again, it doesn't return; where it refuses that (a security
    /// module may), only threads that are started from the calling one have less, and that is told.
    /// </summary>
    public void Give(TextWriter log)
    {
        var kept = Privilege.Of(Model);
        if (!FreshStart.IsWorthIt(kept))
        {
            Capabilities.KeepOnly(kept);
            return;
        }
        try
        {
            using var file = MemoryFile.Leave(ConfigJson.Write(Model));
            FreshStart.Execute(Variable, string.Create(CultureInfo.InvariantCulture, $"{file.DangerousGetHandle()} {Socket.Leave()}"), kept);
        }
        catch (SystemCallException e)
        {
            log.WriteLine($"threads of the runtime keep privileges that nothing needs, for softswitch can't start itself anew: {e.Message}");
            Capabilities.KeepOnly(kept);
        }
    }
}
