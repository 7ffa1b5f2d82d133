namespace SoftSwitch.Config.Yaml;

/// <summary>A place in a file, both counted from 1; the column in UTF-16 code units. The default names no place: the file as a
/// whole.</summary>
public readonly record struct Position(int Line, int Column) : IComparable<Position>
{
    public int CompareTo(Position other) => Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);

    public override string ToString() => $"{Line}:{Column}";
}
