using SoftSwitch.Api.Lists;
using SoftSwitch.Text;

namespace SoftSwitch.Api.Events;

/// <summary>Which events a reader wants. A network or a port needn't be there: it may come.</summary>
internal sealed class EventChoice
{
    private const string Network = "network", Port = "port", Topic = "topic";

    private readonly HashSet<string>? _topics;
    private readonly string? _network, _port;

    private EventChoice(HashSet<string>? topics, string? network, string? port) => (_topics, _network, _port) = (topics, network, port);

    public static IReadOnlyList<(string Name, string Description)> Parameters { get; } =
    [
        (Topic, "Only these topics, such as port,lease."),
        (Network, "Only what this network has to do with."),
        (Port, "Only what this port has to do with."),
    ];

    /// <exception cref="ProblemException">400.</exception>
    public static EventChoice Of(IQueryCollection query)
    {
        ListQuery.RefuseUnknown(query, [.. Parameters.Select(one => one.Name)]);
        var topics = query.TryGetValue(Topic, out var written) ? written.ToString().Split(',').ToHashSet() : null;
        if (topics?.FirstOrDefault(topic => !EventTopics.Words.Contains(topic)) is { } unknown)
            throw new ProblemException(StatusCodes.Status400BadRequest,
                $"there is no topic {Shown.Quote(unknown)}: topics are {string.Join(", ", EventTopics.Words)}");
        return new(topics, Value(Network), Value(Port));

        string? Value(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    public bool Has(EventLine line) => _topics?.Contains(line.View.Topic) != false
        && (_network is null || line.View.NetworkName == _network) && (_port is null || line.View.PortName == _port);
}
