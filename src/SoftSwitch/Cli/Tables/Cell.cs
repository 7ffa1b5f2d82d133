namespace SoftSwitch.Cli.Tables;

/// <summary>What stands in a table: a text, in a colour where colours are shown.</summary>
internal readonly record struct Cell(string Text, CellColor? Color = null)
{
    public static implicit operator Cell(string text) => new(text);

    public static implicit operator Cell(long number) => new(Units.Number(number));
}
