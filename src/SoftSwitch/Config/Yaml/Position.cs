namespace SoftSwitch.Config.Yaml;

/// <summary>A place in a file, both counted from 1; the column in UTF-16 code units. The default names no place: the file as a
/// whole.</summary>
public readonly record struct Position(int Line, int Column) : IComparable<Position>
{
    /// <summary>Where it is written, if that isn't the one file that is read: another file of a folder, or what was said at run time, which
    /// has no lines.</summary>
    public string? Source { get; init; }

    /// <summary>Something that has a name and no lines.</summary>
    public static Position In(string source) => new() { Source = source };

    public int CompareTo(Position other) =>
        string.CompareOrdinal(Source, other.Source) is var source and not 0 ? source
        : Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);

    public override string ToString() => Source is null ? $"{Line}:{Column}" : Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}
