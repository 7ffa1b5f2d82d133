using SoftSwitch.Api.Views;
using SoftSwitch.Bounds;
using SoftSwitch.Forwarding.Bridging;
using SoftSwitch.State;

namespace SoftSwitch.Api.Events;

/// <summary>Stations are heard, move and are forgotten. There may be very many: of each only its key and its port are kept, and of more
/// than <see cref="ProgramLimits.FollowedStations"/> the rest isn't followed.</summary>
internal sealed class StationTopic : IEventTopic
{
    private Dictionary<FdbKey, string>? _known;

    public void Look(SwitchSnapshot snapshot, Action<EventView> tell)
    {
        var before = _known;
        var now = new Dictionary<FdbKey, string>(before?.Count ?? 0);
        var names = snapshot.Names();
        var entries = new List<FdbEntry>();
        foreach (var network in snapshot.Networks)
        {
            entries.Clear();
            network.Bridge.Fdb.CopyTo(entries, snapshot.Now);
            foreach (var entry in entries)
            {
                if (entry.IsStatic || entry.Mac == network.Bridge.Asker?.Mac || now.Count == ProgramLimits.FollowedStations.Most)
                    continue;
                var key = new FdbKey(network.Model.Name, entry.Mac);
                // A port that has just gone has no name any more.
                now[key] = names[(network.Bridge, entry.Slot)].FirstOrDefault() ?? before?.GetValueOrDefault(key) ?? "";
            }
        }
        _known = now;
        if (before is null)
            return;
        foreach (var (gone, port) in before.Where(one => !now.ContainsKey(one.Key)))
            tell(Event(EventView.Removed, gone, port, "not heard any more"));
        foreach (var (key, port) in now)
        {
            if (!before.TryGetValue(key, out var was))
                tell(Event(EventView.Added, key, port, $"heard behind {port}"));
            else if (was != port)
                tell(Event(EventView.Changed, key, port, $"behind {port} now, was behind {was}"));
        }
    }

    private static EventView Event(string change, FdbKey key, string port, string says) =>
        new(EventTopics.Station, change, $"station {key.Mac} in network {key.Network}: {says}")
        {
            Station = new(key.Network, port, key.Mac.ToString(), [], 0, null),
        };
}
