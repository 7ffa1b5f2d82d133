using SoftSwitch.Cli;

namespace SoftSwitch;

/// <summary>What `softswitch run` does: the switch in the foreground, until SIGTERM.</summary>
internal static class SwitchProgram
{
    /// <returns>The exit status.</returns>
    public static Task<int> Run(string file, string socketPath) =>
        throw new CommandException(ExitStatus.Mistake, "'run' is not available yet");
}
