namespace SoftSwitch.Config;

/// <summary>Makes the parser's complaints about broken YAML readable, and finds what it can't point at.</summary>
internal static class YamlSyntax
{
    public const string Unreadable = "not YAML from here on: look for a bracket, brace or quote that is not closed";

    public const string Tab = "not YAML: a tab in the indentation: indent with spaces";

    public static string Explain(string message) => message.Length == 0
        ? Unreadable
        : $"not YAML: {char.ToLowerInvariant(message[0])}{message.AsSpan(1).TrimEnd('.')}".ReplaceLineEndings(" ").Replace("  ", " ");

    /// <summary>
    /// The tab that a complaint is about, or null where it is about something else. The parser tells where the block around
    /// the tab began, so it is looked for from there on.
    /// </summary>
    public static Position? FindTab(string text, string message, Position at)
    {
        if (!message.Contains("tab ", StringComparison.Ordinal))
            return null;
        var number = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            var tab = content[..^content.TrimStart(" \t").Length].IndexOf('\t');
            if (++number >= at.Line && tab >= 0)
                return new(number, tab + 1);
        }
        return null;
    }
}
