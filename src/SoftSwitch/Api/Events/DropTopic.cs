using SoftSwitch.Api.Views;
using SoftSwitch.State;

namespace SoftSwitch.Api.Events;

/// <summary>Drops over a threshold: a port drops <see cref="Threshold"/> frames a second or more for one reason. Said when it begins, and
/// while it lasts every ten seconds.</summary>
internal sealed class DropTopic : IEventTopic
{
    /// <summary>Frames a second.</summary>
    public const int Threshold = 100;

    private const long AgainMilliseconds = 10_000;

    /// <summary>By port, way and reason: the count at the last look, at the last event, and when that was.</summary>
    private Dictionary<string, (long Seen, long Told, long ToldAt)>? _known;

    private long _lookedAt;

    public void Look(SwitchSnapshot snapshot, Action<EventView> tell)
    {
        var now = snapshot.Now.Milliseconds;
        var (before, elapsed) = (_known, long.Max(now - _lookedAt, 1));
        _known = [];
        _lookedAt = now;
        foreach (var drop in DropView.All(snapshot))
        {
            var key = $"{drop.Port}/{drop.Direction}/{drop.Reason}";
            var (seen, told, toldAt) = before is null ? (drop.Count, drop.Count, now - AgainMilliseconds)
                : before.TryGetValue(key, out var was) ? was : (0, 0, now - AgainMilliseconds);
            // A port of the same name that is another counts anew.
            if (drop.Count < seen)
                (seen, told) = (0, 0);
            var rate = (drop.Count - seen) * 1000 / elapsed;
            if (rate >= Threshold && now - toldAt >= AgainMilliseconds)
            {
                tell(Event(drop, rate, drop.Count - told));
                (told, toldAt) = (drop.Count, now);
            }
            _known[key] = (drop.Count, told, toldAt);
        }
    }

    private static EventView Event(DropView drop, long rate, long count) => new(
        EventTopics.Drop, EventView.Changed,
        $"port {drop.Port} drops {rate} frames a second ({drop.Direction}, {drop.Reason}): {drop.Help}")
    {
        Count = count,
        Drop = drop,
    };
}
