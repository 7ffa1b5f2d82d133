using System.Globalization;
using System.Text;
using SoftSwitch.Model;

namespace SoftSwitch.Config;

/// <summary>A model to the text of a file that says the same: what it writes, <see cref="ConfigFile"/> reads back to an equal model. Defaults are left out.</summary>
public static class ConfigWriter
{
    public static string Write(SwitchModel model)
    {
        var text = new StringBuilder();
        foreach (var key in ModelKeys.Of(model))
            text.Append(CultureInfo.InvariantCulture, $"{key.Key}: {Scalar(key.Value!)}\n");
        if (model.Cpus.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"cpus: [{string.Join(", ", model.Cpus)}]\n");
        text.Append("networks:\n");
        foreach (var network in model.Networks)
            text.Append("  ").Append(Entry(network.Name, ModelKeys.Of(network))).Append('\n');
        if (model.Ports.Count == 0)
            return text.ToString();
        text.Append("ports:\n");
        var mtus = model.Networks.ToDictionary(network => network.Name, network => network.Mtu);
        foreach (var port in model.Ports)
            text.Append("  ").Append(Entry(port.Name, ModelKeys.Of(port, mtus[port.Network]))).Append('\n');
        return text.ToString();
    }

    /// <summary>One port as a line under <c>ports:</c>.</summary>
    public static string Write(PortModel port) => Entry(port.Name, ModelKeys.Of(port));

    private static string Entry(string name, IEnumerable<WrittenKey> keys) =>
        $"{Scalar(name)}: {{ {string.Join(", ", keys.Select(key => $"{key.Key}: {Scalar(key.Value!)}"))} }}";

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
