using SoftSwitch.Errors;

namespace SoftSwitch.Config;

/// <summary>Tells the mistakes of a file, each on a line of standard error, as `check` does.</summary>
internal static class ConfigMistakes
{
    /// <returns>The exit status.</returns>
    public static int Tell(ConfigResult result, TextWriter error)
    {
        foreach (var mistake in result.Mistakes)
            error.WriteLine(mistake);
        return result.Ok ? ExitStatus.Done : ExitStatus.Mistake;
    }
}
