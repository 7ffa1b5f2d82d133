namespace SoftSwitch.Errors;

/// <summary>Ends a command with a status and one line on standard error.</summary>
internal sealed class CommandException(int status, string message) : Exception(message)
{
    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int Status => status;

    /// <summary>Lines that stand before that one, each a thing that is wrong.</summary>
    public IReadOnlyList<string> Each { get; init; } = [];

    /// <summary>The switch may answer later, for example when it is being restarted: a command that watches it waits.</summary>
    public bool MayPass { get; init; }
}
