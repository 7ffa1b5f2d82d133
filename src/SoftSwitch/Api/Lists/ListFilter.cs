using System.Text.Json.Nodes;
using SoftSwitch.Packets;
using SoftSwitch.State;
using SoftSwitch.State.Nat;
using SoftSwitch.Text;

namespace SoftSwitch.Api.Lists;

/// <summary>Asks for a part of a list: a parameter of the API, and an option of `show` with the same name.</summary>
/// <param name="Name">The parameter, such as network.</param>
/// <param name="Description">For the help and the description of the API, without a full stop.</param>
/// <param name="Value">What it takes, in a word for the help.</param>
/// <param name="Mistake">Says what is wrong with a value, and the HTTP status of that; null: nothing.</param>
internal sealed record ListFilter(
    string Name, string Description, string Value, Func<SwitchSnapshot, string, (int Status, string Detail)?> Mistake)
{
    public static ListFilter Network { get; } = new("network", "Only this network", "NETWORK",
        (snapshot, name) => Missing("network", name, snapshot.Networks.Select(network => network.Model.Name)))
    {
        NamesOf = "networks",
    };

    /// <summary>A port, or a station of ours, which lists name as they name ports.</summary>
    public static ListFilter Port { get; } = new("port", "Only this port", "PORT",
        (snapshot, name) => Missing("port", name,
            snapshot.Ports.Select(port => port.Model.Name).Concat(snapshot.Stations.Select(station => station.Name))))
    {
        NamesOf = "ports",
    };

    /// <summary>A port that guests may be behind.</summary>
    public static ListFilter PortOfFile { get; } = new("port", "Only this port", "PORT",
        (snapshot, name) => Missing("port", name, snapshot.Model.Ports.Select(port => port.Name)))
    {
        NamesOf = "ports",
    };

    public static ListFilter Protocol { get; } = new("protocol", "Only tcp, udp or icmp", "PROTOCOL",
        (_, word) => FlowText.Protocols.Contains(word) ? null : (StatusCodes.Status400BadRequest, "protocol is tcp, udp or icmp"))
    {
        Words = FlowText.Protocols,
    };

    public static ListFilter Inside { get; } = new("inside", "Only this guest", "ADDRESS",
        (_, text) => Ipv4Address.TryParse(text, out var _) ? null
            : (StatusCodes.Status400BadRequest, "inside is an IPv4 address such as 10.10.0.5"))
    {
        Format = "ipv4",
    };

    /// <summary>All values that it takes, where these are always the same.</summary>
    public IReadOnlyList<string>? Words { get; private init; }

    /// <summary>The list whose items' names it takes.</summary>
    public string? NamesOf { get; private init; }

    private string? Format { get; init; }

    /// <summary>Its JSON Schema.</summary>
    public JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (Words is not null)
            schema["enum"] = new JsonArray([.. Words.Select(word => JsonValue.Create(word))]);
        else if (Format is not null)
            schema["format"] = Format;
        else
            schema["maxLength"] = ListQuery.LongestValue;
        return schema;
    }

    private static (int, string)? Missing(string what, string name, IEnumerable<string> there)
    {
        var names = there.Distinct().Order(StringComparer.Ordinal).ToList();
        return names.Contains(name) ? null
            : (StatusCodes.Status404NotFound, $"there is no {what} {Shown.Quote(name)}{NearestWord.Question(name, names)}");
    }
}
