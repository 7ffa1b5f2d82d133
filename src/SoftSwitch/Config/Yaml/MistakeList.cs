namespace SoftSwitch.Config.Yaml;

/// <summary>Collects the mistakes in one file, so that the user sees all of them at once.</summary>
/// <param name="file">What mistakes call the file.</param>
internal sealed class MistakeList(string file)
{
    // A mistake is one line, whatever the file is called.
    private readonly string _file = string.Concat(file.Select(letter => char.IsControl(letter) ? '?' : letter));
    private readonly List<ConfigMistake> _mistakes = [];
    private readonly List<ConfigMistake> _postponed = [];

    public bool Any => Count > 0;

    public int Count => _mistakes.Count + _postponed.Count;

    public void Add(Position at, string message) => _mistakes.Add(new(at.Source ?? _file, at.Line, at.Column, message));

    /// <summary>Adds those of another list.</summary>
    public void Add(IEnumerable<ConfigMistake> others) => _mistakes.AddRange(others);

    /// <summary>Adds what the language has and this program hasn't yet; it is told after the mistakes at the same place.</summary>
    public void Postpone(Position at, string message) => _postponed.Add(new(at.Source ?? _file, at.Line, at.Column, message));

    /// <summary>In the order of the file, then of other files by their names; those at one place in the order they were found.</summary>
    public IReadOnlyList<ConfigMistake> Sorted() =>
    [
        .. _mistakes.Concat(_postponed).OrderBy(mistake => mistake.File != _file).ThenBy(mistake => mistake.File, StringComparer.Ordinal)
            .ThenBy(mistake => new Position(mistake.Line, mistake.Column)),
    ];
}
