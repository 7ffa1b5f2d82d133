using System.CommandLine;

namespace SoftSwitch.Cli;

/// <summary>The options that the kinds of `show` share.</summary>
internal sealed class ShowOptions(SocketOption socket, Option<string?> network, Option<string?> port)
{
    public SocketOption Socket => socket;

    /// <summary>The API's JSON instead of a table.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Prints the API's JSON" };

    /// <summary>Once a second until Ctrl-C.</summary>
    public Option<bool> Watch { get; } = new("--watch") { Description = "Shows it anew each second until Ctrl-C" };

    /// <summary>The filters that were given, as the API's query.</summary>
    public string Query(ParseResult parsed)
    {
        var filters = new List<string>();
        if (parsed.GetValue(network) is { } oneNetwork)
            filters.Add($"network={Uri.EscapeDataString(oneNetwork)}");
        if (parsed.GetValue(port) is { } onePort)
            filters.Add($"port={Uri.EscapeDataString(onePort)}");
        return string.Join('&', filters);
    }
}
