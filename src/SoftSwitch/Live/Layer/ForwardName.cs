using SoftSwitch.Config.Keys;
using SoftSwitch.Config.Yaml;

namespace SoftSwitch.Live.Layer;

/// <summary>Which forward is meant: network, ports outside, and the address where it is for one alone. As a name it is those in a line:
/// <c>dev tcp/2222 192.0.2.1</c>.</summary>
/// <param name="Network">The network that it leads into.</param>
/// <param name="From">Protocol and ports.</param>
/// <param name="On">The address; null: all.</param>
internal sealed record ForwardName(string Network, string From, string? On)
{
    public override string ToString() => On is null ? $"{Network} {From}" : $"{Network} {From} {On}";

    /// <summary>The command that does something to it.</summary>
    public string Command(string verb) => $"softswitch forward {verb} {From} --network {Network}{(On is null ? "" : $" --on {On}")}";

    /// <summary>Null: it is none.</summary>
    public static ForwardName? Parse(string name) => name.Split(' ') switch
    {
        [var network, var from] => new(network, from, null),
        [var network, var from, var on] => new(network, from, on),
        _ => null,
    };

    /// <summary>Of a forward as it is written; null: that can't be told.</summary>
    public static ForwardName? Of(string network, ConfigNode node)
    {
        if (node is not MapNode map || map.TextOf(ForwardKeys.From.Name) is not { } from)
            return null;
        return Of(network, from, map.TextOf(ForwardKeys.On.Name));
    }

    /// <summary>In the words of the language, however it was written.</summary>
    public static ForwardName Of(string network, string from, string? on) => new(network,
        ForwardKeys.From.Of.Parse(from, out var ports) ? ForwardKeys.From.Of.Format(ports) : from,
        on is not null && ForwardKeys.On.Of.Parse(on, out var address) ? ForwardKeys.On.Of.Format(address) : on);
}
