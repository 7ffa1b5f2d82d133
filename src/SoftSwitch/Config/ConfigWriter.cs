using System.Globalization;
using System.Text;
using SoftSwitch.Config.Writing;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>
/// A model to the text of a file that says the same: what it writes, <see cref="ConfigFile"/> reads back to an equal model. Defaults are left out.
/// What has only scalars in it stands on one line, as a person would write it.
/// </summary>
public static class ConfigWriter
{
    private const int Step = 2;

    public static string Write(SwitchModel model)
    {
        var text = new StringBuilder();
        Block(text, ModelKeys.Of(model), 0);
        return text.ToString();
    }

    /// <summary>One port as a line under <c>ports:</c>.</summary>
    public static string Write(PortModel port) => $"{Scalar(port.Name)}: {Line(ModelKeys.Of(port))}";

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

    private static bool IsFlat(WrittenValue value) => value switch
    {
        WrittenMap map => map.Keys.All(key => key.Value is WrittenText),
        WrittenList list => list.Items.All(item => item is WrittenText),
        _ => true,
    };

    private static string Line(WrittenValue value) => value switch
    {
        WrittenMap { Keys.Count: 0 } => "{}",
        WrittenMap map => $"{{ {string.Join(", ", map.Keys.Select(key => $"{Scalar(key.Key)}: {Line(key.Value!)}"))} }}",
        WrittenList list => $"[{string.Join(", ", list.Items.Select(Line))}]",
        _ => Scalar(((WrittenText)value).Text),
    };

    /// <summary>Plain where every reader of YAML takes it for the same text, else in double quotes (YAML 1.2, 7.3.1).</summary>
    private static string Scalar(string value)
    {
        if (value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '-' or '_') && (char.IsAsciiLetterOrDigit(value[0]) || value[0] == '/'))
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
