using System.Globalization;
using System.Text;

namespace SoftSwitch.Config.Writing;

/// <summary>Values as YAML. What has only scalars in it stands on one line, as a person would write it.</summary>
internal static class YamlText
{
    private const int Step = 2;

    public static string Of(WrittenMap map)
    {
        var text = new StringBuilder();
        Block(text, map, 0);
        return text.ToString();
    }

    /// <summary>A key and its value on one line.</summary>
    public static string Line(string key, WrittenValue value) => $"{Scalar(key)}: {Line(value)}";

    private static void Block(StringBuilder text, WrittenMap map, int indent)
    {
        foreach (var (key, value) in map.Keys)
        {
            text.Append(' ', indent).Append(Scalar(key)).Append(':');
            if (IsFlat(value!))
            {
                text.Append(' ').Append(Line(value!)).Append('\n');
                continue;
            }
            text.Append('\n');
            if (value is WrittenMap inner)
                Block(text, inner, indent + Step);
            else
            {
                foreach (var item in ((WrittenList)value!).Items)
                    text.Append(' ', indent + Step).Append("- ").Append(Line(item)).Append('\n');
            }
        }
    }

    /// <summary>It goes on one line.</summary>
    public static bool IsFlat(WrittenValue value) => value switch
    {
        WrittenMap map => map.Keys.All(key => key.Value is WrittenText),
        WrittenList list => list.Items.All(item => item is WrittenText),
        _ => true,
    };

    /// <summary>A value on one line.</summary>
    public static string Line(WrittenValue value) => value switch
    {
        WrittenMap { Keys.Count: 0 } => "{}",
        WrittenMap map => $"{{ {string.Join(", ", map.Keys.Select(key => $"{Scalar(key.Key)}: {Line(key.Value!)}"))} }}",
        WrittenList list => $"[{string.Join(", ", list.Items.Select(Line))}]",
        _ => Scalar(((WrittenText)value).Text),
    };

    /// <summary>Plain where every reader of YAML takes it for the same text, else in double quotes (YAML 1.2, 7.3.1).</summary>
    private static string Scalar(string value)
    {
        if (value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '-' or '_')
            && value.Length > 0 && (char.IsAsciiLetterOrDigit(value[0]) || value[0] == '/'))
            return value;
        var quoted = new StringBuilder("\"");
        foreach (var character in value)
        {
            if (character is '"' or '\\')
                quoted.Append('\\').Append(character);
            else if (character is >= ' ' and < (char)127)
                quoted.Append(character);
            else
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }
        return quoted.Append('"').ToString();
    }
}
