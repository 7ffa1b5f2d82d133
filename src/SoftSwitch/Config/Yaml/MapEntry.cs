namespace SoftSwitch.Config.Yaml;

internal sealed record MapEntry(Position At, string Key, ConfigNode Value)
{
    /// <summary>Where its key stands.</summary>
    public Span KeySpan { get; init; }

    /// <summary>Where all of it stands.</summary>
    public Span Span => new(KeySpan.Start, Math.Max(KeySpan.End, Value.Span.End));
}
