using System.Globalization;

namespace SoftSwitch.Linux.Endpoints;

/// <summary>
/// What is written on a tap that outlives the switch that made it, so that the next start knows it as its own: by a name alone it could be
/// anybody's. It is the interface's alias, <c>softswitch SWITCH NUMBER</c>, and goes with the interface.
/// </summary>
/// <param name="Switch">Whose it is: all that run from one state folder on one machine have the same. A word.</param>
/// <param name="Number">Which of these made or took it last.</param>
public sealed record InterfaceMark(string Switch, int Number)
{
    private const string Word = "softswitch";

    /// <summary>Of a switch that has no state folder, and so can't be told from others like it.</summary>
    public static InterfaceMark Nameless { get; } = new("-", 1);

    public string Alias => string.Create(CultureInfo.InvariantCulture, $"{Word} {Switch} {Number}");

    /// <summary>A tap that bears this may be taken over.</summary>
    public bool IsOurs(string? alias) => Read(alias)?.Switch == Switch;

    /// <summary>The mark on a tap; null: it bears none.</summary>
    public static InterfaceMark? Read(string? alias) =>
        alias?.Split(' ') is [Word, var name, var number]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var which) ? new(name, which) : null;
}
