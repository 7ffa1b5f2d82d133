namespace SoftSwitch.Cli.Tables;

/// <summary>How a list is printed.</summary>
/// <param name="Columns">From left to right.</param>
/// <param name="Dispensable">The headers of the columns that are left out where there is no room, the first one first.</param>
internal sealed record TableLayout(IReadOnlyList<Column> Columns, params IReadOnlyList<string> Dispensable);
