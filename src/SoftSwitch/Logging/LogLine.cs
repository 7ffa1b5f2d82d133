namespace SoftSwitch.Logging;

/// <summary>A line of the log.</summary>
/// <param name="When">When it is told.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Subject">What it is about; null: the switch.</param>
/// <param name="Message">What there is to say of it.</param>
/// <param name="More">News of the same subject that is left out before it.</param>
internal sealed record LogLine(DateTimeOffset When, LogLevel Level, LogSubject? Subject, string Message, int More = 0)
{
    /// <summary>Subject and message.</summary>
    public string Text => Subject is null ? Message : $"{Subject.Name}: {Message}";

    /// <summary>Further fields for programs, name and value by turns.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];
}
