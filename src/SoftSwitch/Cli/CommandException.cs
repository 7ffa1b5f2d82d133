namespace SoftSwitch.Cli;

/// <summary>Ends a command with a status and one line on standard error.</summary>
internal sealed class CommandException(int status, string message) : Exception(message)
{
    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status => status;
}
