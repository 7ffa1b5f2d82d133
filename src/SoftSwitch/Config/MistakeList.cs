namespace SoftSwitch.Config;

/// <summary>Collects the mistakes in one file, so that the user sees all of them at once.</summary>
internal sealed class MistakeList(string file)
{
    private readonly List<ConfigMistake> _mistakes = [];

    public bool Any => _mistakes.Count > 0;

    public void Add(Position at, string message) => _mistakes.Add(new(file, at.Line, at.Column, message));

    /// <summary>In the order of the file; those at one place in the order they were found.</summary>
    public IReadOnlyList<ConfigMistake> Sorted() => [.. _mistakes.OrderBy(mistake => new Position(mistake.Line, mistake.Column))];
}
