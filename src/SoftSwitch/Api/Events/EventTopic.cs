using SoftSwitch.State;

namespace SoftSwitch.Api.Events;

/// <summary>A topic whose things are the items of a list: they come, go and change.</summary>
/// <param name="name">What it is called.</param>
/// <param name="items">All there are.</param>
/// <param name="key">What stays the same of one as long as it is there.</param>
/// <param name="face">What is news when it changes: compared by value. Ages and counters aren't.</param>
/// <param name="title">Which one it is, such as port vm1.</param>
/// <param name="state">How it is, in a few words.</param>
/// <param name="with">An event with the item in it.</param>
internal sealed class EventTopic<T>(
    string name, Func<SwitchSnapshot, IEnumerable<T>> items, Func<T, string> key, Func<T, object> face, Func<T, string> title,
    Func<T, string> state, Func<EventView, T, EventView> with) : IEventTopic where T : class
{
    private Dictionary<string, (object Face, T Item)>? _known;

    public void Look(SwitchSnapshot snapshot, Action<EventView> tell)
    {
        var before = _known;
        var now = new Dictionary<string, (object Face, T Item)>();
        foreach (var item in items(snapshot))
            now[key(item)] = (face(item), item);
        _known = now;
        if (before is null)
            return;
        foreach (var (removed, was) in before)
        {
            if (!now.ContainsKey(removed))
                tell(Event(EventView.Removed, was.Item, "gone"));
        }
        foreach (var (there, (face, item)) in now)
        {
            if (!before.TryGetValue(there, out var was))
                tell(Event(EventView.Added, item, state(item)));
            else if (!was.Face.Equals(face))
                tell(Event(EventView.Changed, item, state(item)));
        }
    }

    private EventView Event(string change, T item, string says) => with(new(name, change, $"{title(item)}: {says}"), item);
}
