namespace SoftSwitch.Config.Yaml;

/// <summary>One mistake of the user: where it stands, what is wrong, and what would be right. Line 0: the file as a whole.</summary>
public sealed record ConfigMistake(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>, always one line.</summary>
    public override string ToString() => Line == 0 ? $"{File}: {Message}" : $"{File}:{Line}:{Column}: {Message}";
}
