namespace SoftSwitch.Text;

/// <summary>
/// The words of an enumeration in files, commands and the API: a row for each value, so that a value and its word can't be parted by an
/// order. A value without a row, or with two, is refused when the list is made.
/// </summary>
public sealed class WordList<T> where T : struct, Enum
{
    private readonly (T Value, string Word)[] _rows;

    /// <param name="rows">In the order in which they are listed.</param>
    public WordList(params (T Value, string Word)[] rows)
    {
        if (!Enum.GetValues<T>().Order().SequenceEqual(rows.Select(row => row.Value).Order()))
            throw new ArgumentException($"not one word for each {typeof(T).Name}", nameof(rows));
        _rows = rows;
        All = [.. rows.Select(row => row.Word)];
    }

    public IReadOnlyList<string> All { get; }

    public string this[T value] => Array.Find(_rows, row => row.Value.Equals(value)).Word;

    /// <summary>Null where there is no such word.</summary>
    public T? Of(string word) => Array.Find(_rows, row => row.Word == word) is { Word: not null } found ? found.Value : null;
}
