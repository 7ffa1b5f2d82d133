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
        if (model.Workers != 1)
            text.Append(CultureInfo.InvariantCulture, $"workers: {model.Workers}\n");
        if (model.Cpus.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"cpus: [{string.Join(", ", model.Cpus)}]\n");
        if (model.Poll != PollMode.Adaptive)
            text.Append(CultureInfo.InvariantCulture, $"poll: {model.Poll.Word()}\n");
        if (model.State is { } state)
            text.Append(CultureInfo.InvariantCulture, $"state: {Scalar(state)}\n");
        text.Append("networks:\n");
        foreach (var network in model.Networks)
            Entry(text, network.Name, Keys(network));
        if (model.Ports.Count == 0)
            return text.ToString();
        text.Append("ports:\n");
        var mtus = model.Networks.ToDictionary(network => network.Name, network => network.Mtu);
        foreach (var port in model.Ports)
            Entry(text, port.Name, Keys(port, mtus[port.Network]));
        return text.ToString();
    }

    private static void Entry(StringBuilder text, string name, IEnumerable<(string Key, string? Value)> keys) =>
        text.Append(CultureInfo.InvariantCulture, $"  {Scalar(name)}: {{ {string.Join(", ", keys.Where(key => key.Value is not null).Select(key => $"{key.Key}: {Scalar(key.Value!)}"))} }}\n");

    private static IEnumerable<(string, string?)> Keys(NetworkModel network) =>
    [
        ("mode", network.Mode.Word()),
        ("mtu", network.Mtu == 1500 ? null : Number(network.Mtu)),
        ("ageing", network.Ageing == TimeSpan.FromSeconds(300) ? null : Number((int)network.Ageing.TotalSeconds) + "s"),
        ("subnet", network.Subnet?.ToString()),
    ];

    private static IEnumerable<(string, string?)> Keys(PortModel port, int networkMtu) =>
    [
        ("network", port.Network),
        ("kind", port.Kind.Word()),
        .. port switch
        {
            TapModel tap => Keys(tap.Interface, tap.Netns, tap.Address),
            VethModel veth => Keys(veth.Interface, veth.Netns, veth.Address),
            GuestModel guest => [("interface", guest.Interface), ("owner", guest.Owner)],
            NicModel nic => [("interface", nic.Interface)],
            _ => Array.Empty<(string, string?)>(),
        },
        ("mac", port.Mac?.ToString()),
        ("mtu", port.Mtu == networkMtu ? null : Number(port.Mtu)),
    ];

    private static (string, string?)[] Keys(string name, string? netns, InterfaceAddress? address) =>
        [("interface", name), ("netns", netns), ("address", address?.ToString())];

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

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
