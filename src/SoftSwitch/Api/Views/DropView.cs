using SoftSwitch.Api.Lists;
using SoftSwitch.Forwarding.Drops;
using SoftSwitch.State;

namespace SoftSwitch.Api.Views;

/// <summary>Frames of one port that did not get where they wanted, for one reason.</summary>
internal sealed record DropView(string Port, string Direction, string Reason, long Count, string Help)
{
    public static ApiObject<DropView> Members { get; } = new ApiObject<DropView>("Drop")
        .Text("port", "The port.", drop => drop.Port)
        .Text("direction", "On the way into the switch, or out of it.", drop => drop.Direction, ["in", "out"])
        .Text("reason", "The drop reason's name.", drop => drop.Reason)
        .Number("count", "Frames.", drop => drop.Count)
        .Text("help", "What happened, and what to do.", drop => drop.Help);

    /// <summary>The drops of all ports, and of stations of ours; what was never counted is left out.</summary>
    public static IEnumerable<DropView> All(SwitchSnapshot snapshot)
    {
        var drops = new List<DropView>();
        foreach (var port in snapshot.Ports)
        {
            var counters = port.Counters();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
            {
                Add(drops, port.Model.Name, "in", reason, counters.InDrops(reason));
                Add(drops, port.Model.Name, "out", reason, counters.OutDrops(reason));
            }
        }
        foreach (var station in snapshot.Stations)
        {
            var counters = station.Total();
            for (var reason = DropReason.TooShort; (int)reason < DropReasons.Count; reason++)
                Add(drops, station.Name, "in", reason, counters.InDrops(reason));
        }
        return drops;
    }

    private static void Add(List<DropView> drops, string port, string direction, DropReason reason, long count)
    {
        if (count != 0)
            drops.Add(new(port, direction, reason.Name(), count, reason.Help()));
    }
}
