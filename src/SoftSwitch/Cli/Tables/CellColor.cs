namespace SoftSwitch.Cli.Tables;

/// <summary>A terminal's colours, by the number that selects them as foreground (ECMA-48, 8.3.117).</summary>
internal enum CellColor
{
    Red = 31,
    Green = 32,
    Yellow = 33,
}
