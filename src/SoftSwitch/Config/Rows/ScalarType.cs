namespace SoftSwitch.Config.Rows;

/// <summary>Reads a scalar's text; false where it is not of that type.</summary>
internal delegate bool ScalarParser<T>(string text, out T value);

/// <summary>A type that a key can give to its text, with the words that follow "is not" when the text doesn't fit.</summary>
internal abstract record ScalarType(string Expected)
{
    /// <summary>The words it takes, where it takes nothing else: one of them may have been meant. Else empty.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>The least and the most, where it is a number, in JSON too.</summary>
    public (int Least, int Most)? Bounds { get; init; }

    public bool IsNumber => Bounds is not null;

    /// <summary>What to write instead of a text that doesn't fit, where that can be told; else null.</summary>
    public Func<string, string?>? Cure { get; init; }

    public abstract bool Takes(string text);
}
