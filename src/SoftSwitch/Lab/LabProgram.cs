using SoftSwitch.Cli;

namespace SoftSwitch.Lab;

/// <summary>What `softswitch lab` does: the networks of a file, or of the built-in lab, played and checked without root.</summary>
internal static class LabProgram
{
    /// <param name="file">A configuration file; null: the built-in lab.</param>
    /// <param name="shellPort">The port in whose guest to open a prompt; null: none.</param>
    /// <returns>The exit status.</returns>
    public static Task<int> Run(string? file, string? shellPort) =>
        throw new CommandException(ExitStatus.Mistake, "'lab' is not available yet");
}
