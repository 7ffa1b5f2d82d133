using SoftSwitch.Api.Lists;
using SoftSwitch.Api.Views;

namespace SoftSwitch.Api.Events;

/// <summary>Something that has happened, with what it has happened to as its list has it.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Change">What became of that.</param>
/// <param name="Text">The same in a line for people.</param>
internal sealed record EventView(string Topic, string Change, string Text)
{
    public const string Added = "added", Changed = "changed", Removed = "removed";

    /// <summary>Who was too slow is told how many events are missing; who comes back, that there may have been some.</summary>
    public const string Lost = "lost";

    public static ApiObject<EventView> Members { get; } = new ApiObject<EventView>("Event")
        .Time("time", "When it was seen.", one => one.Time)
        .Text("topic", "What it is about. lost: events are missing before this one.", one => one.Topic,
            [.. EventTopics.Words, Lost])
        .Text("change", "What became of it.", one => one.Change, [Added, Changed, Removed])
        .Text("text", "The same in a line for people.", one => one.Text)
        .OptionalNumber("count", "Of drops, frames since the last event of the kind; of lost, events, 0 where that isn't known.",
            one => one.Count)
        .OptionalObject("port", "The port as it is, or was last.", PortView.Members, one => one.Port)
        .OptionalObject("network", "The network as it is, or was last.", NetworkView.Members, one => one.Network)
        .OptionalObject("station", "The station as it is, or was last.", StationView.Members, one => one.Station)
        .OptionalObject("lease", "The lease as it is, or was last.", LeaseView.Members, one => one.Lease)
        .OptionalObject("forward", "The forward as it is, or was last.", ForwardView.Members, one => one.Forward)
        .OptionalObject("outside", "The way out as it is, or was last.", OutsideView.Members, one => one.Outside)
        .OptionalObject("drop", "The drops as they are counted now.", DropView.Members, one => one.Drop);

    public DateTimeOffset Time { get; init; }

    public long? Count { get; init; }

    public PortView? Port { get; init; }

    public NetworkView? Network { get; init; }

    public StationView? Station { get; init; }

    public LeaseView? Lease { get; init; }

    public ForwardView? Forward { get; init; }

    public OutsideView? Outside { get; init; }

    public DropView? Drop { get; init; }

    /// <summary>The network that it is about; null: it is about none in particular.</summary>
    public string? NetworkName =>
        Network?.Name ?? Port?.Network ?? Station?.Network ?? Lease?.Network ?? Forward?.Network ?? Outside?.Network;

    /// <summary>The port that it is about; null: it is about none in particular.</summary>
    public string? PortName => Port?.Name ?? Station?.Port ?? Lease?.Port ?? Drop?.Port;
}
