namespace SoftSwitch.Config.Rows;

/// <summary>Reads a scalar's text; false where it is not of that type.</summary>
internal delegate bool ScalarParser<T>(string text, out T value);

/// <summary>A type that a key can give to its text, with the words that follow "is not" when the text doesn't fit.</summary>
/// <param name="Words">The words it takes, where it takes nothing else: one of them may have been meant.</param>
/// <param name="Cure">What to write instead of a text that doesn't fit, where that can be told; else null.</param>
internal sealed record ScalarType<T>(string Expected, ScalarParser<T> Parse, IReadOnlyList<string>? Words = null, Func<string, string?>? Cure = null);
