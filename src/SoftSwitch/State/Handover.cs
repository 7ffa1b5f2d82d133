using System.Globalization;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Model;
using SoftSwitch.Persistence;

namespace SoftSwitch.State;

/// <summary>
/// `run` is two programs in one process, one after the other. The first has every right that it was started with, and does what takes them: it reads the file,
/// chooses subnets and remembers them, makes the control socket and gives it to its group, says who has a port that is to be forwarded. The second is this program executed anew
/// with what <see cref="Privilege"/> keeps, and so are all of its threads; it is handed the finished model, the socket, and who this switch is.
/// </summary>
internal sealed record Handover(SwitchModel Model, ControlSocket Socket, SwitchIdentity Identity)
{
    private const string Variable = "SOFTSWITCH_HANDOVER";

    /// <summary>What the first one hands over; null: this is the first.</summary>
    public static Handover? Take()
    {
        if (FreshStart.TakeLegacy(Variable)?.Split(' ', 2) is not [var number, var left] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var file))
            return null;
        try
        {
            // The identity is a line, the model the rest.
            return MemoryFile.Take(file).Split('\n', 2) is [var identity, var model]
                && ConfigFile.ParseJson("the model", model) is { Ok: true } read && ControlSocket.Adopt(left) is { } socket
                ? new(read.Model, socket, SwitchIdentity.Adopt(identity))
                : null;
        }
        catch (IOException)
        {
            return null; // Somebody else's variable of that name.
        }
    }

    /// <summary>This process has rights that aren't kept, and that only executing the program anew takes from all of its threads.</summary>
    public bool IsWorthIt => FreshStart.IsWorthIt(Privilege.Of(Model));

    /// <summary>
    /// Gives up what isn't kept by executing this program again: then it doesn't return. Where the kernel refuses that (a security module may), only threads that
    /// are started from the calling one have less.
    /// </summary>
    /// <returns>What there is to tell about it.</returns>
    public string Give()
    {
        var kept = Privilege.Of(Model);
        try
        {
            using var file = MemoryFile.Leave($"{Identity.Leave()}\n{ConfigJson.Write(Model)}");
            FreshStart.Execute(Variable, string.Create(CultureInfo.InvariantCulture, $"{file.DangerousGetHandle()} {Socket.Leave()}"), kept);
            throw new InvalidOperationException("the program went on after it was executed anew");
        }
        catch (SystemCallException e)
        {
            Capabilities.KeepOnly(kept);
            return $"threads of the runtime keep privileges that nothing needs, for softswitch can't start itself anew: {e.Message}";
        }
    }
}
