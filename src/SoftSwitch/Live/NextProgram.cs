using System.Globalization;
using SoftSwitch.Config;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Keeping;
using SoftSwitch.Linux.Privileges;
using SoftSwitch.Linux.Succession;
using SoftSwitch.Logging;
using SoftSwitch.Model;
using SoftSwitch.State;

namespace SoftSwitch.Live;

/// <summary>
/// The program that is installed by now where this one was started: it is asked first, as a process of its own, and then executed in this
/// one. For any thread, one at a time.
/// </summary>
/// <param name="running">What it is to go on with.</param>
/// <param name="handover">What it is handed beside that.</param>
/// <param name="log">Told what becomes of it.</param>
/// <param name="stop">Says that all of it is to end: then nothing goes on.</param>
/// <param name="reload">What is asked by it meanwhile the next program does.</param>
internal sealed class NextProgram(
    RunningSwitch running, Handover handover, SwitchLog log, StopSignals stop, AskingSignal reload) : INextProgram
{
    private const string ReloadWord = "reload";

    /// <summary>It reads a model and says a line.</summary>
    private const int PatienceMilliseconds = 10_000;

    public string? Ask(SwitchModel model, out string version)
    {
        version = "";
        if (Loss is { } loss)
            return loss;
        string[] words = [FitProgram.Word, Handover.Form.ToString(CultureInfo.InvariantCulture)];
        var refusal = OwnProgram.Ask(words, ConfigJson.Write(model), PatienceMilliseconds, out var status, out var answer);
        if (refusal is not null || status != 0 || !Version.TryParse(answer, out _))
            return refusal ?? (answer.Length > 0 ? answer : string.Create(CultureInfo.InvariantCulture,
                $"the program at {OwnProgram.Path} doesn't know this question (status {status}): it is an older version, which takes a new "
                + $"start of the switch, or none of it at all"));
        (version, running.RefusedRestart) = ($"{answer} ({OwnProgram.Path})", null);
        return null;
    }

    public void Begin(string written)
    {
        // A reload or a stop that comes from here on is the next program's.
        reload.KeepForNext();
        stop.KeepForNext();
        try
        {
            if (stop.HasCome)
                return;
            log.Write(LogLevel.Info, "a planned restart: the program that is installed goes on");
            log.Flush();
            var refusal = Go(written);
            log.Write(LogLevel.Error, $"not restarted, this program goes on: {refusal}");
            running.RefusedRestart = refusal;
        }
        finally
        {
            stop.HearAgain();
            reload.HearAgain();
        }
    }

    /// <summary>The program before was asked to read its file again, and had no time for it.</summary>
    /// <param name="inherited">What it has left.</param>
    public static bool WasAskedToReload(Inheritance inherited) => inherited.TextOf(ReloadWord) is not null;

    /// <summary>A signal came in between that asks for that. To look takes long with many ports: call it when frames go on.</summary>
    public static bool HeardReload() => KeptSignal.Take();

    /// <summary>Ports that are left are opened with the keeper's help, too: without it all of them would go.</summary>
    private static string? Loss =>
        Keeper.Here is { } keeper && !keeper.Answers() ? $"no other program could open the ports: {keeper.Loss}" : null;

    private string Go(string written)
    {
        if (Loss is { } loss)
            return loss;
        string refusal;
        try
        {
            refusal = "it has ended before it began";
            running.Leave(heir =>
            {
                if (reload.IsOpen)
                    heir.Leave(ReloadWord, "asked");
                refusal = (handover with { Model = running.Model, Written = written }).GiveAll(heir);
            });
        }
        catch (Exception e)
        {
            refusal = e is SystemCallException or IOException ? e.Message : $"internal error, please report it: {e}";
        }
        return refusal;
    }
}
