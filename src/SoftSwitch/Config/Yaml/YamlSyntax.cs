namespace SoftSwitch.Config.Yaml;

/// <summary>Makes the parser's complaints about broken YAML readable.</summary>
internal static class YamlSyntax
{
    public const string Unreadable = "not YAML from here on: look for a bracket, brace or quote that is not closed";

    /// <summary>What the parser's complaints mean to somebody who doesn't know its rules; the first whose words fit.</summary>
    private static readonly (string Words, string Meaning)[] s_meanings =
    [
        ("cannot start any token", "a value can't begin with this character: leave it out, or write the value in quotes"),
        ("found unexpected end of stream", "a quote is not closed: write it where the text ends"),
        ("found wrong indentation", "a quote is not closed: write it where the text ends"),
        ("invalid mapping", "a second colon where one value belongs: write the value in quotes, or each key on a line of its own"),
        ("expected ',' or '}'", "a comma, or a '}', is missing before this"),
        ("expected ',' or ']'", "a comma, or a ']', is missing before this"),
        ("expected key", "this doesn't fit what stands above: look there for a colon, a quote or a bracket that is missing"),
        ("expected <document", "this doesn't fit what stands above: look there for a wrong indentation, or a bracket too many"),
    ];

    public static string Explain(string message)
    {
        if (message.Length == 0)
            return Unreadable;
        foreach (var (words, meaning) in s_meanings)
        {
            if (message.Contains(words, StringComparison.Ordinal))
                return $"not YAML: {meaning}";
        }
        return $"not YAML: {char.ToLowerInvariant(message[0])}{message.AsSpan(1).TrimEnd('.')}".ReplaceLineEndings(" ").Replace("  ", " ");
    }
}
