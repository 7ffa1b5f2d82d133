using System.Text;

namespace SoftSwitch.Cli;

/// <summary>Text in lines that a terminal takes.</summary>
internal static class Wrapped
{
    /// <summary>
    /// Breaks a text at blanks. A word that is longer than a line, such as a path, is broken where the line ends. Each line ends with a
    /// line feed.
    /// </summary>
    /// <param name="width">The columns there are.</param>
    /// <param name="indent">What the second line and those after it begin with.</param>
    public static string Lines(string text, int width, string indent)
    {
        var lines = new StringBuilder();
        var column = 0;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > width)
            {
                lines.Append('\n').Append(indent);
                column = indent.Length;
            }
            else if (column > 0)
            {
                lines.Append(' ');
                column++;
            }
            var rest = word.AsSpan();
            for (; rest.Length > int.Max(width - column, 1) && column <= indent.Length; column = indent.Length)
            {
                lines.Append(rest[..int.Max(width - column, 1)]).Append('\n').Append(indent);
                rest = rest[int.Max(width - column, 1)..];
            }
            lines.Append(rest);
            column += rest.Length;
        }
        return lines.Append('\n').ToString();
    }

    /// <summary>
    /// Cuts a text to the terminal: lines that are too long, and lines that are too many. The terminal's last line stays free for the
    /// cursor. Coloured lines are tables, which fit already.
    /// </summary>
    public static string Clip(string text, (int Columns, int Lines) size)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        var room = Math.Max(1, size.Lines - 1);
        var shown = lines.Length <= room ? lines.Length : room - 1;
        var clipped = lines.Take(shown)
            .Select(line => line.Length <= size.Columns || line.Contains('\e') ? line : line[..(size.Columns - 1)] + "…");
        if (shown < lines.Length)
            clipped = clipped.Append($"… and {lines.Length - shown} more lines");
        return string.Join('\n', clipped) + "\n";
    }
}
