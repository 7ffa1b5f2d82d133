namespace SoftSwitch.Errors;

/// <summary>What a command's exit status says.</summary>
internal static class ExitStatus
{
    public const int Done = 0;

    /// <summary>Something of the machine or the switch stood in the way.</summary>
    public const int Failed = 1;

    /// <summary>The file or the command line is wrong.</summary>
    public const int Mistake = 2;

    /// <summary>No running switch answers.</summary>
    public const int NoSwitch = 3;
}
