namespace SoftSwitch.Config.Yaml;

/// <summary>A tab in the indentation, which YAML doesn't take and an editor doesn't show.</summary>
internal static class YamlTab
{
    public const string Mistake = "not YAML: a tab in the indentation: indent with spaces";

    /// <summary>The tab that a complaint of the parser is about, or null where it is about something else. The parser tells where the block
    /// around the tab began, so it is looked for from there on.</summary>
    public static Position? Find(string text, string message, Position at)
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
