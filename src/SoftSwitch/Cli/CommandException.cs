namespace SoftSwitch.Cli;

/// <summary>Ends a command with a status and one line on standard error.</summary>
internal sealed class CommandException(int status, string message) : Exception(message)
{
    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status => status;

    /// <summary>The switch doesn't answer, as while it is restarted: whoever watches it may wait.</summary>
    public bool MayPass { get; init; }
}
