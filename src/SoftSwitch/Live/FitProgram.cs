using System.Globalization;
using SoftSwitch.Config;
using SoftSwitch.State;
using SoftSwitch.Text;

namespace SoftSwitch.Live;

/// <summary>
/// What an installed program says to a switch that runs and may be followed by it: whether it can go on with that. It is started for this
/// question alone, reads the model from standard input, and answers with its version, or with why not, in a line.
/// </summary>
internal static class FitProgram
{
    /// <summary>The command line: this word, and the form in which the switch writes what it hands over.</summary>
    public const string Word = "fits";

    /// <summary>Answers.</summary>
    /// <param name="form">The form.</param>
    /// <param name="model">What runs, as JSON.</param>
    /// <param name="answer">Gets the line.</param>
    /// <returns>It can go on.</returns>
    public static bool Run(string form, TextReader model, TextWriter answer)
    {
        if (form != Handover.Form.ToString(CultureInfo.InvariantCulture))
        {
            answer.WriteLine($"softswitch {ProgramVersion.Text} takes over what is written in form {Handover.Form}, not {form}: "
                + "start it anew");
            return false;
        }
        if (ConfigFile.ParseJson("the model", model.ReadToEnd()) is { Ok: false } config)
        {
            answer.WriteLine($"softswitch {ProgramVersion.Text} can't run what runs: {config.Mistakes[0]}");
            return false;
        }
        answer.WriteLine(ProgramVersion.Text);
        return true;
    }
}
