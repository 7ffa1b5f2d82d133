namespace SoftSwitch.Linux.Namespaces;

/// <summary>How a program in namespaces of its own ended, or why this machine lets us make none.</summary>
public sealed record LaunchResult
{
    private LaunchResult()
    {
    }

    /// <summary>The program's exit status, 128 + signal when a signal ended it; null: it was not started.</summary>
    public int? ExitStatus { get; private init; }

    /// <summary>errno of the refusal; 0: none.</summary>
    public int ErrorNumber { get; private init; }

    /// <summary>One line for people: what is not allowed here, and the cure; null: it was allowed.</summary>
    public string? Refusal { get; private init; }

    internal static LaunchResult Ended(int status) => new() { ExitStatus = status };

    internal static LaunchResult NotAllowed(int errno, string line) => new() { ErrorNumber = errno, Refusal = line };
}
