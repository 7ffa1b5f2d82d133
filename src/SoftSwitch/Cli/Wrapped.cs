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
}
