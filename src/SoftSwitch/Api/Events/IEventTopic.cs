using SoftSwitch.State;

namespace SoftSwitch.Api.Events;

/// <summary>One thing that events are about. It knows what there was, and finds what has become of it.</summary>
internal interface IEventTopic
{
    /// <summary>Looks at what there is now.</summary>
    /// <param name="snapshot">What there is.</param>
    /// <param name="tell">Gets what has changed since the last look; the first look tells nothing.</param>
    void Look(SwitchSnapshot snapshot, Action<EventView> tell);
}
